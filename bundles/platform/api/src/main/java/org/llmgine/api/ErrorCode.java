package org.llmgine.api;

import java.util.Objects;

/**
 * Name a kind of failure by a stable, documented code.
 *
 * <p>The constants are the host's own codes; a plugin may define further ones. The HTTP status of each code is decided in one
 * place, in the HTTP bundle.
 *
 * @param name the code as callers see it, in lower_snake_case
 * @param retryable whether the same call may succeed when it is made again
 */
public record ErrorCode(String name, boolean retryable) {
    /** The request is malformed; the exception names the field. */
    public static final ErrorCode INVALID_REQUEST = new ErrorCode("invalid_request", false);

    /** A documented field or content part that this model or host doesn't support; the exception names the field. */
    public static final ErrorCode UNSUPPORTED_FIELD = new ErrorCode("unsupported_field", false);

    /** The request has more tokens than the model takes. */
    public static final ErrorCode CONTEXT_TOO_LONG = new ErrorCode("context_too_long", false);

    /** The request's body is larger than the host takes. */
    public static final ErrorCode TOO_LARGE = new ErrorCode("too_large", false);

    /** No key, or one that is not valid. */
    public static final ErrorCode UNAUTHENTICATED = new ErrorCode("unauthenticated", false);

    /** The caller is known but lacks the role. */
    public static final ErrorCode FORBIDDEN = new ErrorCode("forbidden", false);

    /** Nothing of that name exists. */
    public static final ErrorCode NOT_FOUND = new ErrorCode("not_found", false);

    /** No such model, provider instance or engine. */
    public static final ErrorCode MODEL_NOT_FOUND = new ErrorCode("model_not_found", false);

    /** What is asked for is being worked on: a turn of the session is in progress. */
    public static final ErrorCode BUSY = new ErrorCode("busy", true);

    /** Somebody else has decided already, or it is too late to. */
    public static final ErrorCode ALREADY_DECIDED = new ErrorCode("already_decided", false);

    /** The caller's or the back-end's rate or concurrency limit is reached. */
    public static final ErrorCode RATE_LIMITED = new ErrorCode("rate_limited", true);

    /** The plugin's concurrency cap is reached. */
    public static final ErrorCode OVERLOADED = new ErrorCode("overloaded", true);

    /** The plugin is away and no successor came in time, or its breaker is open. */
    public static final ErrorCode UNAVAILABLE = new ErrorCode("unavailable", true);

    /** The back-end refused the host's own credentials. */
    public static final ErrorCode PROVIDER_AUTH = new ErrorCode("provider_auth", false);

    /** The back-end answered with an error, or its stream broke. */
    public static final ErrorCode PROVIDER_ERROR = new ErrorCode("provider_error", true);

    /** The back-end or the model refused the content. */
    public static final ErrorCode CONTENT_REFUSED = new ErrorCode("content_refused", false);

    /** A deadline passed: before the first event, between two events, or in total. */
    public static final ErrorCode TIMEOUT = new ErrorCode("timeout", true);

    /** The caller left or asked to stop. */
    public static final ErrorCode CANCELLED = new ErrorCode("cancelled", false);

    /** The host stopped while the work was under way. */
    public static final ErrorCode INTERRUPTED = new ErrorCode("interrupted", true);

    /** A plugin threw something that is no {@link LlmgineException}. */
    public static final ErrorCode PLUGIN_FAILED = new ErrorCode("plugin_failed", false);

    /** A plugin's jar is not one that the host takes; the message says what would mend it. */
    public static final ErrorCode PLUGIN_REFUSED = new ErrorCode("plugin_refused", false);

    /** A limit of the engine is reached: rounds, tokens or time. */
    public static final ErrorCode LIMIT_REACHED = new ErrorCode("limit_reached", false);

    /** A defect of the host. */
    public static final ErrorCode INTERNAL = new ErrorCode("internal", false);

    /** Check the name. */
    public ErrorCode {
        Objects.requireNonNull(name, "name");
    }
}
