package org.llmgine.itest.bus.driver.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tick in a session whose listeners misbehave.
 *
 * @param number counts the session's ticks
 */
@MessageType("itest/chaos/tick")
record Tick(int number) implements Event {}
