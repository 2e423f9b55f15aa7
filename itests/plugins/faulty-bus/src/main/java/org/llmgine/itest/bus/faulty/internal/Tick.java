package org.llmgine.itest.bus.faulty.internal;

import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.MessageType;

/** Count on. */
@MessageType("itest/faulty/tick")
public record Tick(String what) implements Command<Void> {}
