package org.llmgine.http.internal;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Authenticate;
import org.llmgine.core.command.Authenticated;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.propertytypes.ServiceRanking;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardFilterAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardFilterPattern;

/** Stands before every servlet of every context: who calls, how much at a time, how large, how long. */
@Component(service = Filter.class)
@HttpWhiteboardFilterPattern("/*")
@HttpWhiteboardContextSelect("(osgi.http.whiteboard.context.name=*)")
@HttpWhiteboardFilterAsyncSupported
@ServiceRanking(Integer.MAX_VALUE)
public final class GateFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    /** The raw request URIs that need no principal; an odd spelling of one of them needs one. */
    private static final Set<String> PUBLIC =
            Set.of("/", "/health/live", "/health/ready", "/openapi.json", "/api/login");

    /** What can mean another path than it says: dot segments, encoded dots, backslashes, nulls, parameters, empty segments. */
    private static final Pattern ODD_PATH = Pattern.compile(
            "/\\.{1,2}(/|$)|//|;|\\\\|%2e|%5c|%00|%3b|%25|[\\x00-\\x1f\\x7f]", Pattern.CASE_INSENSITIVE);

    /** Without TRACE, which would show a caller's key. */
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    /** What a body without a key may have: only a login needs one. */
    private static final long MAX_PUBLIC_BODY_BYTES = 4096;

    private static final String BEARER = "bearer ";

    private final transient Json json = new Json();
    private final transient KeyLimits keyLimits = new KeyLimits();
    private final transient Commands commands;
    private final transient HttpSettings settings;
    private final transient HttpMetrics metrics;
    private final transient Connections connections;
    private final Duration unreadPause;
    private final Duration unreadLimit;

    @Activate
    public GateFilter(
            @Reference Commands commands,
            @Reference HttpSettings settings,
            @Reference HttpMetrics metrics,
            @Reference Connections connections) {
        this(commands, settings, metrics, connections, UnreadBody.PAUSE, UnreadBody.LIMIT);
    }

    GateFilter(
            Commands commands,
            HttpSettings settings,
            HttpMetrics metrics,
            Connections connections,
            Duration unreadPause,
            Duration unreadLimit) {
        this.connections = connections;
        this.commands = commands;
        this.settings = settings;
        this.metrics = metrics;
        this.unreadPause = unreadPause;
        this.unreadLimit = unreadLimit;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        long begun = System.nanoTime();
        ConnectionMetaData connection = connections.enter(request);
        try {
            pass(request, response, chain);
        } catch (LlmgineException e) {
            Problem.of(e).write(json, request, response);
        } finally {
            if (response.getStatus() >= HttpServletResponse.SC_BAD_REQUEST
                    && "close".equals(response.getHeader("Connection"))) {
                connection.getConnection().getEndPoint().setIdleTimeout(unreadPause.toMillis());
                UnreadBody.read(request, response, unreadLimit);
            }
            connections.leave(connection);
            metrics.request(
                    request.getMethod(), request.getRequestURI(), response.getStatus(), System.nanoTime() - begun);
        }
    }

    private void pass(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!METHODS.contains(request.getMethod())) {
            response.setHeader("Allow", String.join(", ", METHODS));
            response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        String uri = request.getRequestURI();
        if (ODD_PATH.matcher(uri).find()) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "The request's path is not in its plain form.")
                    .withHint(
                            "Send it without dot segments, empty segments, backslashes, parameters and encoded dots.");
        }
        HttpSettings.Snapshot limits = settings.current();
        if (PUBLIC.contains(uri)) {
            chain.doFilter(
                    limited(request, Math.min(limits.maxBodyBytes(), MAX_PUBLIC_BODY_BYTES), limits.bodyTimeout()),
                    response);
            return;
        }
        Authenticated caller = commands.execute(new Authenticate(key(request)));
        Optional<Duration> wait = keyLimits.enter(caller.keyId(), limits, System.nanoTime());
        if (wait.isPresent()) {
            throw new LlmgineException(ErrorCode.RATE_LIMITED, "This key's limit of requests is reached.")
                    .withHint("Wait, or have maxStreamsPerKey or requestsPerSecondPerKey of org.llmgine.http raised.")
                    .withRetryAfter(wait.get());
        }
        try {
            HttpServletRequest limited = limited(request, uri, caller.principal(), limits);
            Callers.set(limited, caller.principal());
            chain.doFilter(limited, response);
        } finally {
            keyLimits.leave(caller.keyId(), limits, System.nanoTime());
        }
    }

    /** Limit a body: only who may send something large, and where it is wanted, may do so. */
    private static HttpServletRequest limited(
            HttpServletRequest request, String uri, Principal caller, HttpSettings.Snapshot limits) {
        if (uri.equals(BackupResource.RESTORE) && caller.has(Principal.ADMIN)) {
            return limited(request, limits.maxRestoreBytes(), limits.restoreTimeout());
        }
        if (PluginsResource.takesJar(uri) && caller.has(Principal.OPERATOR)) {
            return limited(request, limits.maxPluginBytes(), limits.restoreTimeout());
        }
        return limited(request, limits.maxBodyBytes(), limits.bodyTimeout());
    }

    private static HttpServletRequest limited(HttpServletRequest request, long maxBytes, Duration timeout) {
        if (request.getContentLengthLong() > maxBytes) {
            throw LimitedBody.tooLarge(maxBytes);
        }
        return new LimitedBody(request, maxBytes, timeout);
    }

    private static String key(HttpServletRequest request) {
        String authorization = request.getHeader("Authorization");
        if (authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return authorization.substring(BEARER.length()).strip();
        }
        String key = request.getHeader("x-api-key");
        if (key != null) {
            return key.strip();
        }
        throw new LlmgineException(ErrorCode.UNAUTHENTICATED, "This request has no API key.")
                .withHint("Send it as Authorization: Bearer KEY or as x-api-key: KEY.");
    }
}
