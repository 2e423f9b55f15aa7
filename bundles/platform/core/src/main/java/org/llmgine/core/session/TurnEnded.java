package org.llmgine.core.session;

import org.llmgine.api.stream.StreamEvent;

/**
 * End the events of a turn; it is the last one, however the turn ended.
 *
 * <p>A turn that is suspended still has its events ended at a host that stops, or that it has left: they go on after this one
 * where the turn does.
 *
 * @param turn the turn as it ended, or suspended
 */
public record TurnEnded(SessionTurn turn) implements StreamEvent {}
