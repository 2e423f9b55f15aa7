package org.llmgine.core;

import org.llmgine.core.command.Command;
import org.osgi.annotation.versioning.ProviderType;

/** Execute what the faces ask for. HTTP, shell and console call nothing else. */
@ProviderType
public interface Commands {
    /**
     * Execute a command on the calling thread and return its result.
     *
     * @throws org.llmgine.api.LlmgineException when it fails; nothing else is thrown
     */
    <R> R execute(Command<R> command);
}
