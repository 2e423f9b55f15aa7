package org.llmgine.api.stream;

/**
 * End an answer. It is the last event of every whole stream; a stream that ends without it is broken.
 *
 * @param reason why the answer ended: {@link #STOP}, {@link #LENGTH}, {@link #TOOL_CALLS}, {@link #CONTENT_FILTER}, or a
 *     back-end's own word
 */
public record Finish(String reason) implements StreamEvent {
    /** The model was done, or met a stop sequence. */
    public static final String STOP = "stop";

    /** The token limit was reached. */
    public static final String LENGTH = "length";

    /** The model asks for tools. */
    public static final String TOOL_CALLS = "tool_calls";

    /** The back-end cut the answer for its content. */
    public static final String CONTENT_FILTER = "content_filter";
}
