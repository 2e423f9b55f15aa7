package org.llmgine.http.internal;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;

/** Tells every failure in the one way, Jersey's own ones too. */
final class FailureMapper implements ExceptionMapper<Throwable> {
    private final Json json;

    @Context
    private @Nullable HttpServletRequest request;

    FailureMapper(Json json) {
        this.json = json;
    }

    @Override
    public Response toResponse(Throwable failure) {
        HttpServletRequest failed = Objects.requireNonNull(request);
        String path = failed.getRequestURI();
        Problem problem = failure instanceof WebApplicationException web ? ofJersey(web, path) : Problem.of(failure);
        Response.ResponseBuilder response =
                Response.status(problem.status()).type(Problem.mediaType(path)).entity(problem.body(json, path));
        problem.headers(failed).forEach(response::header);
        if (failure instanceof NotAllowedException notAllowed) {
            response.header(HttpHeaders.ALLOW, allowed(notAllowed));
        }
        return response.build();
    }

    /** Jersey forgets that HEAD works where GET does. */
    private static String allowed(NotAllowedException failure) {
        TreeSet<String> methods = new TreeSet<>(failure.getResponse().getAllowedMethods());
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return String.join(", ", methods);
    }

    private static Problem ofJersey(WebApplicationException failure, String path) {
        return switch (failure) {
            case NotFoundException e ->
                Problem.of(
                        ErrorCode.NOT_FOUND,
                        "There is nothing at " + path + ".",
                        "GET / says what is where, /openapi.json says it in full.");
            case NotAllowedException e ->
                Problem.of(
                        Problem.METHOD_NOT_ALLOWED,
                        "This method is not for " + path + ".",
                        "Allowed: " + allowed(e) + ".");
            case NotAcceptableException e ->
                Problem.of(
                        Problem.NOT_ACCEPTABLE,
                        path + " has no answer in a form that the Accept header takes.",
                        "Send Accept: application/json.");
            case NotSupportedException e ->
                Problem.of(
                        Problem.UNSUPPORTED_MEDIA_TYPE,
                        path + " takes JSON only.",
                        "Send the body as JSON with Content-Type: application/json.");
            default ->
                failure.getResponse().getStatus() < 500
                        ? Problem.of(ErrorCode.INVALID_REQUEST, "The request is malformed.", "See /openapi.json.")
                        : Problem.of(new IllegalStateException(failure));
        };
    }
}
