package org.llmgine.itest.bus.chaos.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Be one of many.
 *
 * @param text takes room
 */
@MessageType("itest/flood/drop")
record Flood(String text) implements Event {}
