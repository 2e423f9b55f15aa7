package org.llmgine.core.session;

import org.llmgine.api.stream.StreamEvent;

/**
 * Hold one event of a turn's log.
 *
 * @param seq its number in the turn, from 1; where a suspended turn went on at another host, or after a restart, one is left out
 * @param event the event; the last one is {@link TurnEnded}
 */
public record TurnEvent(long seq, StreamEvent event) {}
