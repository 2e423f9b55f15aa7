package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a caller is told of a failure: under {@code /v1} in OpenAI's shape, elsewhere as an RFC 9457 problem.
 *
 * @param status the HTTP status
 * @param code the stable code
 * @param message what happened, one sentence
 * @param hint what would mend it
 * @param field the field at fault
 * @param retryAfter how long to wait
 */
record Problem(
        int status,
        String code,
        String message,
        Optional<String> hint,
        Optional<String> field,
        Optional<Duration> retryAfter) {
    static final ErrorCode REQUEST_TIMEOUT = new ErrorCode("request_timeout", true);
    static final ErrorCode METHOD_NOT_ALLOWED = new ErrorCode("method_not_allowed", false);
    static final ErrorCode NOT_ACCEPTABLE = new ErrorCode("not_acceptable", false);
    static final ErrorCode HEADERS_TOO_LARGE = new ErrorCode("headers_too_large", false);
    static final ErrorCode UNSUPPORTED_MEDIA_TYPE = new ErrorCode("unsupported_media_type", false);

    /** No official status; nobody is left to see it but the figures. */
    private static final int CLIENT_LEFT = 499;

    /** The one place that decides which code has which status. */
    static final Map<String, Integer> STATUS = Map.ofEntries(
            Map.entry(ErrorCode.INVALID_REQUEST.name(), 400),
            Map.entry(ErrorCode.UNSUPPORTED_FIELD.name(), 400),
            Map.entry(ErrorCode.CONTEXT_TOO_LONG.name(), 400),
            Map.entry(ErrorCode.CONTENT_REFUSED.name(), 400),
            Map.entry(ErrorCode.UNAUTHENTICATED.name(), 401),
            Map.entry(ErrorCode.FORBIDDEN.name(), 403),
            Map.entry(ErrorCode.NOT_FOUND.name(), 404),
            Map.entry(ErrorCode.MODEL_NOT_FOUND.name(), 404),
            Map.entry(METHOD_NOT_ALLOWED.name(), 405),
            Map.entry(NOT_ACCEPTABLE.name(), 406),
            Map.entry(REQUEST_TIMEOUT.name(), 408),
            Map.entry(ErrorCode.ALREADY_DECIDED.name(), 409),
            Map.entry(ErrorCode.BUSY.name(), 409),
            Map.entry(ErrorCode.TOO_LARGE.name(), 413),
            Map.entry(UNSUPPORTED_MEDIA_TYPE.name(), 415),
            Map.entry(ErrorCode.LIMIT_REACHED.name(), 422),
            Map.entry(ErrorCode.PLUGIN_REFUSED.name(), 422),
            Map.entry(ErrorCode.RATE_LIMITED.name(), 429),
            Map.entry(HEADERS_TOO_LARGE.name(), 431),
            Map.entry(ErrorCode.CANCELLED.name(), CLIENT_LEFT),
            Map.entry(ErrorCode.INTERNAL.name(), 500),
            Map.entry(ErrorCode.PLUGIN_FAILED.name(), 500),
            Map.entry(ErrorCode.PROVIDER_AUTH.name(), 502),
            Map.entry(ErrorCode.PROVIDER_ERROR.name(), 502),
            Map.entry(ErrorCode.INTERRUPTED.name(), 503),
            Map.entry(ErrorCode.OVERLOADED.name(), 503),
            Map.entry(ErrorCode.UNAVAILABLE.name(), 503),
            Map.entry(ErrorCode.TIMEOUT.name(), 504));

    private static final int MAX_VALUE = 80;
    private static final int MAX_TEXT = 2000;
    private static final int TAIL = 200;

    /** What no sentence has: a value that was echoed. The punctuation behind it stays. */
    private static final Pattern LONG_WORD = Pattern.compile("(\\S{80})\\S{80,}?(['\".,;:)]*)(?=\\s|$)");

    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final Duration DEFAULT_RETRY = Duration.ofSeconds(1);

    Problem {
        message = sentence(message);
        hint = hint.map(Problem::sentence);
        field = field.map(Problem::sentence);
    }

    /** A caller's value as a message may show it. */
    static String value(String value) {
        return value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "…";
    }

    /** Shorten what others wrote into a message; half of a surrogate pair becomes a question mark. */
    static String sentence(String text) {
        String bounded = text.length() <= MAX_TEXT
                ? text
                : text.substring(0, MAX_TEXT - TAIL) + "…" + text.substring(text.length() - TAIL);
        String shown = LONG_WORD.matcher(bounded).replaceAll("$1…$2");
        return new String(shown.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    static Problem of(LlmgineException failure) {
        ErrorCode code = failure.code();
        int status = STATUS.getOrDefault(code.name(), code.retryable() ? 503 : 500);
        return new Problem(
                status, code.name(), failure.getMessage(), failure.hint(), failure.field(), failure.retryAfter());
    }

    /** Describe any failure; what is no {@link LlmgineException} is a defect and goes to the log. */
    static Problem of(Throwable failure) {
        if (failure instanceof LlmgineException known) {
            return of(known);
        }
        LOG.error("A request met a defect.", failure);
        return internal();
    }

    static Problem of(ErrorCode code, String message, String hint) {
        return of(new LlmgineException(code, message).withHint(hint));
    }

    /** A defect: the caller learns nothing of its inside. */
    static Problem internal() {
        return of(
                ErrorCode.INTERNAL,
                "The host met a defect while it served this request.",
                "The host's log has the details.");
    }

    /** What it means that a body can't be read. */
    static LlmgineException bodyFailed(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TimeoutException) {
                return bodyTimeout();
            }
        }
        return new LlmgineException(
                ErrorCode.INVALID_REQUEST, "The body ended early or its framing is broken.", failure);
    }

    static LlmgineException bodyTimeout() {
        return new LlmgineException(REQUEST_TIMEOUT, "The request's body did not come in time.")
                .withHint("Send the body without a pause.");
    }

    static boolean inOpenAiShape(String path) {
        return path.equals("/v1") || path.startsWith("/v1/");
    }

    ObjectNode openAi(Json json) {
        ObjectNode root = json.object();
        ObjectNode error = root.putObject("error");
        error.put("message", hint.map(text -> message + " " + text).orElse(message));
        error.put("type", type());
        error.put("param", field.orElse(null));
        error.put("code", code);
        return root;
    }

    ObjectNode problem(Json json) {
        ObjectNode root = json.object();
        root.put("type", "about:blank");
        root.put("title", title());
        root.put("status", status);
        root.put("detail", message);
        root.put("code", code);
        hint.ifPresent(text -> root.put("hint", text));
        field.ifPresent(text -> root.put("field", text));
        return root;
    }

    byte[] body(Json json, String path) {
        return json.bytes(inOpenAiShape(path) ? openAi(json) : problem(json));
    }

    static String mediaType(String path) {
        return inOpenAiShape(path) ? "application/json" : "application/problem+json";
    }

    /** What goes with the body, beside its type and length; the one place that decides it. */
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cache-Control", "no-store");
        // What is unavailable without a time to wait may be so until somebody mends it.
        boolean soon = status == 409 || status == 429 || (status == 503 && !code.equals(ErrorCode.UNAVAILABLE.name()));
        if (retryAfter.isPresent() || soon) {
            Duration wait = retryAfter.orElse(DEFAULT_RETRY);
            headers.put(
                    "Retry-After",
                    Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
        }
        if (status == 401) {
            headers.put("WWW-Authenticate", "Bearer realm=\"llmgine\"");
        }
        if (status == 408 || status == 413) {
            // The request was left unread.
            headers.put("Connection", "close");
        }
        return headers;
    }

    /** What goes with the body of an answer to a request whose body may not have come yet. */
    Map<String, String> headers(HttpServletRequest request) {
        Map<String, String> headers = headers();
        if (UnreadBody.remains(request)) {
            headers.put("Connection", "close");
        }
        return headers;
    }

    void write(Json json, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            return;
        }
        response.reset();
        response.setStatus(status);
        String path = request.getRequestURI();
        byte[] body = body(json, path);
        response.setContentType(mediaType(path));
        response.setContentLength(body.length);
        headers(request).forEach(response::setHeader);
        response.getOutputStream().write(body);
    }

    private String type() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }

    private String title() {
        return status == CLIENT_LEFT ? "Client Closed Request" : HttpStatus.getMessage(status);
    }
}
