package org.llmgine.itest.bus.faulty.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/** It was counted on. */
@MessageType("itest/faulty/ticked")
public record Ticked(String what) implements Event {}
