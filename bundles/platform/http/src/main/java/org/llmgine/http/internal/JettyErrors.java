package org.llmgine.http.internal;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Tells what Jetty itself refuses, before any servlet is asked, and what servlets leave to it, in the one way. */
final class JettyErrors implements Request.Handler {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Json json;

    JettyErrors(Json json) {
        this.json = json;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String reason = null;
        if (request.getAttribute(ErrorHandler.ERROR_EXCEPTION) instanceof HttpException failure) {
            response.setStatus(failure.getCode());
            reason = failure.getReason();
        }
        int status = response.getStatus();
        if (HttpStatus.hasNoBody(status)) {
            callback.succeeded();
            return true;
        }
        String path = Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
        Problem problem = problem(status, reason);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.mediaType(path));
        problem.headers().forEach((name, value) -> {
            // A servlet's own word stays, its challenge above all.
            if (!response.getHeaders().contains(name)) {
                response.getHeaders().put(name, value);
            }
        });
        response.write(true, ByteBuffer.wrap(problem.body(json, path)), callback);
        return true;
    }

    static Problem problem(int status, @Nullable String reason) {
        return switch (status) {
            case 404 -> of(status, ErrorCode.NOT_FOUND, "There is nothing at this path.", "GET / says what is where.");
            case 405 ->
                of(status, Problem.METHOD_NOT_ALLOWED, "This method is not for this path.", "See /openapi.json.");
            case 408 ->
                of(
                        status,
                        Problem.REQUEST_TIMEOUT,
                        "The request did not come whole in time.",
                        "Send it without a pause.");
            case 413 -> of(status, ErrorCode.TOO_LARGE, "The request is too large.", "Send less.");
            case 414 ->
                of(status, Problem.HEADERS_TOO_LARGE, "The request's address is too long.", "Send a shorter one.");
            case 431 ->
                of(
                        status,
                        Problem.HEADERS_TOO_LARGE,
                        "The request's headers are too large.",
                        "Send fewer or shorter ones.");
            case 503 ->
                Problem.of(new LlmgineException(ErrorCode.UNAVAILABLE, "This part of the host is not there now.")
                        .withHint("Try again soon.")
                        .withRetryAfter(SOON));
            default ->
                status < 500
                                || status == HttpStatus.NOT_IMPLEMENTED_501
                                || status == HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505
                        ? of(
                                status,
                                ErrorCode.INVALID_REQUEST,
                                "The request is malformed" + (reason == null ? "." : ": " + reason + "."),
                                "Send it as HTTP/1.1 has it.")
                        : Problem.internal();
        };
    }

    private static Problem of(int status, ErrorCode code, String message, String hint) {
        return new Problem(status, code.name(), message, Optional.of(hint), Optional.empty(), Optional.empty());
    }
}
