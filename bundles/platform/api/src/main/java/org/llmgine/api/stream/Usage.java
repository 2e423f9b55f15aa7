package org.llmgine.api.stream;

/**
 * Count tokens.
 *
 * @param inputTokens tokens of the request, cached ones included
 * @param outputTokens tokens of the answer, reasoning included
 * @param cachedInputTokens tokens of the request that the back-end had cached
 * @param reasoningTokens tokens of the answer that were reasoning
 */
public record Usage(long inputTokens, long outputTokens, long cachedInputTokens, long reasoningTokens) {
    /** No tokens. */
    public static final Usage NONE = new Usage(0, 0, 0, 0);

    /** Make a usage without details. */
    public Usage(long inputTokens, long outputTokens) {
        this(inputTokens, outputTokens, 0, 0);
    }

    /** Return input and output together. */
    public long totalTokens() {
        return inputTokens + outputTokens;
    }

    /** Add another call's usage. */
    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                cachedInputTokens + other.cachedInputTokens,
                reasoningTokens + other.reasoningTokens);
    }
}
