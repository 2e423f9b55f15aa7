package org.llmgine.api;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Report a failure with a stable code, a sentence for people and, where there is one, a hint that a person can act on.
 *
 * <p>Only this type and its subtypes leave an exported type of the host. The message must hold no secret: callers see it.
 */
public class LlmgineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ErrorCode code;
    private @Nullable String hint;
    private @Nullable String field;
    private transient @Nullable Duration retryAfter;

    /** Make an exception with a code and a message in one sentence. */
    public LlmgineException(ErrorCode code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** Make an exception that keeps its cause for the log; callers never see the cause. */
    public LlmgineException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** Add what would mend it, as one sentence. */
    public LlmgineException withHint(String hint) {
        this.hint = hint;
        return this;
    }

    /** Add the field at fault as a path in the request, for example {@code messages[0].content[1]}. */
    public LlmgineException withField(String field) {
        this.field = field;
        return this;
    }

    /** Add how long to wait before a retry. */
    public LlmgineException withRetryAfter(Duration retryAfter) {
        this.retryAfter = retryAfter;
        return this;
    }

    /** Return the stable code. */
    public ErrorCode code() {
        return code;
    }

    /** Return what would mend it. */
    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /** Return the field at fault. */
    public Optional<String> field() {
        return Optional.ofNullable(field);
    }

    /** Return how long to wait before a retry. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Return the message; never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNullElse(super.getMessage(), code.name());
    }
}
