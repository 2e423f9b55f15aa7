package org.llmgine.provider.openai.internal;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** What a back-end answers: its head, and its body as it comes. One thread pulls; any may close. */
interface HttpAnswer {
    int status();

    HttpHeaders headers();

    /**
     * Wait for the next bytes; null at the end. They are valid until the next call.
     *
     * @throws LlmgineException {@code provider_error} when the connection broke, {@code cancelled} when this was closed
     */
    @Nullable ByteBuffer take();

    /** Return the next bytes if they are there. */
    @Nullable ByteBuffer poll();

    /**
     * Tell whether nothing more comes.
     *
     * @throws LlmgineException {@code provider_error} when the connection broke
     */
    boolean isAtEnd();

    /** Cut the connection, and make a blocked {@link #take()} return. */
    void close();

    /** Let what little is left of a whole answer come, so that the connection can be used again. */
    void finish();

    static LlmgineException cancelled() {
        return new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
    }

    static LlmgineException brokeOff(@Nullable Throwable cause) {
        String message = "The back-end's answer broke off.";
        return cause == null
                ? new LlmgineException(ErrorCode.PROVIDER_ERROR, message)
                : new LlmgineException(ErrorCode.PROVIDER_ERROR, message, cause);
    }
}
