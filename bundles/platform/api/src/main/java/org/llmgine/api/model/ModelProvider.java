package org.llmgine.api.model;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Connect a model back-end.
 *
 * <p><b>Implemented by</b> provider plugins, as Declarative Services components in a bundle marked with
 * {@link org.llmgine.api.LlmginePlugin}; a factory configuration makes several instances. <b>Called by</b> the host, for
 * engines, through a guard that adds deadlines, a concurrency cap, retries before the first event and a breaker. A provider
 * does none of these itself.
 *
 * <p><b>Thread:</b> virtual threads, many at a time; plain blocking code is right. <b>Cancelled</b> by
 * {@link ModelStream#close()}, and while {@link #open} has not returned by interrupting its thread. <b>On a swap</b> streams
 * that are open finish on the instance they began on: {@code deactivate} gives back only what no open stream uses, the last
 * close gives back the rest.
 *
 * <p><b>Errors:</b> {@link org.llmgine.api.LlmgineException} with the code that fits and the back-end's words; anything else
 * is reported as {@code plugin_failed}.
 */
@ConsumerType
public interface ModelProvider {
    /**
     * List the models. Called often: answer from memory. An empty list means that the back-end tells none, and then any
     * model's name is tried.
     */
    List<ModelInfo> models();

    /**
     * Tell whether a model that {@link #models()} doesn't list may be asked for all the same, because the list is known to be
     * incomplete; the back-end then decides.
     */
    default boolean takesUnlistedModels() {
        return false;
    }

    /**
     * Open a stream for a request. It may block until the back-end answers, or leave that to the first
     * {@link ModelStream#next()}.
     *
     * @param request the request; {@link ModelRequest#model()} is the model's own name
     */
    ModelStream open(ModelRequest request);
}
