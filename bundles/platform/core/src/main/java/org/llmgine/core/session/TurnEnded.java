package org.llmgine.core.session;

import org.llmgine.api.stream.StreamEvent;

/**
 * End the events of a turn; it is the last one, however the turn ended.
 *
 * @param turn the turn as it ended
 */
public record TurnEnded(SessionTurn turn) implements StreamEvent {}
