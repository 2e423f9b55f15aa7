package org.llmgine.api.engine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Answer a turn: the conversation logic.
 *
 * <p><b>Implemented by</b> engine plugins, as Declarative Services components in a bundle marked with
 * {@link org.llmgine.api.LlmginePlugin}. <b>Called by</b> the host, once per turn, and again for a turn that was suspended or
 * that met a restart at a round's boundary: a turn is re-entrant, so an engine keeps no state of its own between two runs but
 * works from {@link Turn#messages()}.
 *
 * <p><b>Thread:</b> one virtual thread per turn, many turns at a time; plain blocking code is right. <b>Cancelled</b> by
 * closing the turn's open stream and interrupting its tool calls: {@link Turn#open}, {@code next()}, {@link Turn#callTools}
 * and {@link TurnEmitter#emit} then throw {@code cancelled}, which an engine lets pass. <b>On a swap</b> a turn finishes on
 * the instance that it began on.
 *
 * <p><b>Errors:</b> {@link org.llmgine.api.LlmgineException}; anything else is reported as {@code plugin_failed}.
 */
@ConsumerType
public interface Engine {
    /**
     * Run a turn to its end or to a suspension.
     *
     * <p>The host itself reports the turn's whole usage and its finish: an engine emits neither
     * {@link org.llmgine.api.stream.UsageUpdate} nor {@link org.llmgine.api.stream.Finish}.
     *
     * @param turn the prompt, the conversation, and the way to models and tools
     * @param emitter takes the events to the caller
     * @return how the run ended
     * @throws Exception when the turn fails
     */
    TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception;
}
