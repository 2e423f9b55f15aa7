package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.llmgine.core.command.FollowLogs;
import org.llmgine.core.command.LogFilter;
import org.llmgine.core.command.LogLine;
import org.llmgine.core.command.LogReader;
import org.llmgine.core.command.ReadLogs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's log; for operators. */
@Path("/api/logs")
@Tag(name = "Logs")
@Singleton
public final class LogsResource {
    private static final Logger LOG = LoggerFactory.getLogger(LogsResource.class);
    private static final String DEFAULT_LEVEL = "INFO";
    private static final int DEFAULT_LIMIT = 100;

    private static final byte[] OPENING = ": log\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event: log\ndata: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Json json;
    private final Commands commands;
    private final HostTimer timer;
    private final HttpSettings settings;
    private final HttpMetrics metrics;

    @Inject
    public LogsResource(Json json, Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics) {
        this.json = json;
        this.commands = commands;
        this.timer = timer;
        this.settings = settings;
        this.metrics = metrics;
    }

    /** Read or follow; what is followed is written here, past Jersey, which finds the response committed. */
    @GET
    @Operation(
            summary = "Read the latest lines of the log, and follow it",
            description =
                    "The host keeps the latest 2,000 lines. Whoever follows too slowly loses lines, and is told how many.")
    @ApiResponse(
            responseCode = "200",
            description = "the lines, oldest first, or with follow=true an event log for each",
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Lines.class)),
                @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(types = "string"))
            })
    public @Nullable Response logs(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @Context UriInfo uri,
            @Parameter(
                            description = "the least level",
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"},
                                            defaultValue = DEFAULT_LEVEL))
                    @QueryParam("level")
                    @Nullable String level,
            @Parameter(description = "what the logger's name begins with") @QueryParam("logger") @Nullable String logger,
            @Parameter(
                            description = "how many of the latest lines",
                            schema = @Schema(type = "integer", minimum = "0", maximum = "2000", defaultValue = "100"))
                    @QueryParam("limit")
                    @Nullable String limit,
            @Parameter(
                            description = "whether to go on with each line as it is written",
                            schema = @Schema(type = "boolean", defaultValue = "false"))
                    @QueryParam("follow")
                    @Nullable String follow) {
        Queries.only(uri, "level", "logger", "limit", "follow");
        Principal principal = Callers.of(http);
        LogFilter filter = new LogFilter(
                Objects.requireNonNullElse(level, DEFAULT_LEVEL),
                Objects.requireNonNullElse(logger, ""),
                limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 0, LogFilter.MOST));
        if (Queries.isTrue("follow", follow)) {
            stream(new FollowLogs(principal, filter), response);
            return null;
        }
        List<Line> lines = commands.execute(new ReadLogs(principal, filter)).stream()
                .map(Line::of)
                .toList();
        return Response.ok(new Lines(lines), MediaType.APPLICATION_JSON).build();
    }

    private void stream(FollowLogs follow, HttpServletResponse response) {
        Cancellation left = new Cancellation();
        try (LogReader lines = commands.execute(follow);
                HostTimer.Registration leaving = left.onCancel(lines::close);
                HttpMetrics.OpenStream open = metrics.openStream();
                SseWriter writer =
                        new SseWriter(response, left, timer, settings.current().heartbeat())) {
            SseBuffer buffer = new SseBuffer();
            try {
                writer.send(buffer.raw(OPENING));
                while (true) {
                    writer.send(buffer.raw(EVENT)
                            .raw(json.bytes(Line.of(lines.next())))
                            .raw(END));
                }
            } catch (LlmgineException e) {
                boolean begun = writer.stopPings();
                if (!e.code().equals(ErrorCode.CANCELLED)) {
                    if (!begun) {
                        throw e;
                    }
                    LOG.error("A stream of the log broke off.", e);
                }
            }
        }
    }

    public record Lines(List<Line> items) {}

    @Schema(name = "LogLine")
    public record Line(
            String time,
            String level,
            String logger,
            String message,
            @Nullable String exception) {
        private static Line of(LogLine line) {
            return new Line(
                    line.time().toString(),
                    line.level(),
                    line.logger(),
                    line.message(),
                    line.exception().orElse(null));
        }
    }
}
