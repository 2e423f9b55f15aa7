package org.llmgine.itest.bus.driver.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Beat in a session that nobody hurts.
 *
 * @param number counts the session's beats
 */
@MessageType("itest/calm/beat")
record Beat(int number) implements Event {}
