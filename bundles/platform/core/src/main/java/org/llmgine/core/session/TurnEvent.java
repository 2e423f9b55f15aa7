package org.llmgine.core.session;

import org.llmgine.api.stream.StreamEvent;

/**
 * Hold one event of a turn's log.
 *
 * @param seq its number in the turn, from 1 without a gap
 * @param event the event; the last one is {@link TurnEnded}
 */
public record TurnEvent(long seq, StreamEvent event) {}
