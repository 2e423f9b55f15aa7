package org.llmgine.core;

/** Breaks rules on purpose, to show that they can fail. */
public interface CrookedCommands {
    void execute() throws Exception;
}
