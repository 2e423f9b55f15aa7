package org.llmgine.api.tool;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Give models a function to call.
 *
 * <p><b>Implemented by</b> tool plugins, as Declarative Services components in a bundle marked with
 * {@link org.llmgine.api.LlmginePlugin}. A bundle may have several. <b>Called by</b> the host, when an engine runs the calls
 * of a model's answer.
 *
 * <p><b>Thread:</b> a platform thread of the plugin's capped pool; calls run in parallel, so an implementation is
 * thread-safe. <b>Cancelled</b> by interrupting that thread, at the deadline or when the caller leaves; a thread that ignores
 * it is left behind, counted and shown. <b>On a swap</b> calls in flight finish on the instance they began on:
 * {@code deactivate} gives back only what no running call uses.
 *
 * <p><b>Errors:</b> whatever is thrown becomes an error result that the model reads; it never ends the turn. Prefer
 * {@link ToolResult#error(String)} with a sentence that tells the model what to do otherwise.
 *
 * @param <A> the arguments: a record whose JSON Schema the host derives, or {@code Map<String, Object>} with a schema of
 *     one's own
 */
@ConsumerType
public interface Tool<A> {
    /** Describe the tool. Called once per registered instance; it must return at once. */
    ToolDefinition<A> definition();

    /**
     * Run the tool.
     *
     * @param arguments the arguments, validated against the schema and coerced
     * @param context the call
     * @return what the model is shown
     * @throws Exception when the call fails; the model is shown the message
     */
    ToolResult call(A arguments, ToolContext context) throws Exception;
}
