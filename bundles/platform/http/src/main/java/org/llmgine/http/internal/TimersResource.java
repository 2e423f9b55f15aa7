package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.core.Commands;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.GetTimer;
import org.llmgine.core.command.ListTimers;

/** The timers that plugins and the host have made; for operators. */
@Path("/api/timers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Timers")
@Singleton
public final class TimersResource {
    private static final int DEFAULT_LIMIT = 50;

    private final Commands commands;

    @Inject
    public TimersResource(Commands commands) {
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List the timers in the order of their ids")
    public TimerList list(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "the id of the timer after which to go on") @QueryParam("after") @Nullable String after,
            @Parameter(
                            description = "how many at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        Queries.only(uri, "after", "limit");
        int most = limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 1, org.llmgine.api.bus.Timers.MOST);
        return new TimerList(
                commands.execute(new ListTimers(Callers.of(http), Objects.requireNonNullElse(after, ""), most)).stream()
                        .map(Timer::of)
                        .toList());
    }

    @GET
    @Path("/{timer}")
    @Operation(summary = "Read a timer, by its id or its name")
    public Timer get(@Context HttpServletRequest http, @PathParam("timer") String timer) {
        return Timer.of(commands.execute(new GetTimer(Callers.of(http), timer)));
    }

    @DELETE
    @Path("/{timer}")
    @Operation(
            summary = "End a timer, by its id or its name, and return it",
            description = "A run that is under way goes on to its end.")
    public Timer cancel(@Context HttpServletRequest http, @PathParam("timer") String timer) {
        return Timer.of(commands.execute(new CancelTimer(Callers.of(http), timer)));
    }

    @Schema(name = "Timers")
    public record TimerList(List<Timer> items) {}

    public record Timer(
            String id,

            @Schema(description = "empty for none") String name,

            @Schema(description = "which bundle made it") String origin,

            @Schema(description = "command or event") String kind,

            String type,
            String session,
            String principal,
            String schedule,

            @Schema(description = "when it is tried next") String next,

            int attempts,
            @Nullable String lastRun,

            @Schema(description = "why the last run failed") @Nullable String lastError,

            @Schema(allowableValues = {"waiting", "claimed", "parked"})
            String state,

            @Schema(description = "why it is parked") @Nullable String reason,

            String idempotencyKey) {
        private static Timer of(TimerEntry entry) {
            return new Timer(
                    entry.id(),
                    entry.name(),
                    entry.origin(),
                    entry.kind(),
                    entry.type(),
                    entry.session(),
                    entry.principal().name(),
                    entry.schedule(),
                    entry.next().toString(),
                    entry.attempts(),
                    entry.lastRun().map(Instant::toString).orElse(null),
                    entry.lastError().isEmpty() ? null : entry.lastError(),
                    entry.state().name().toLowerCase(Locale.ROOT),
                    entry.reason().isEmpty() ? null : entry.reason(),
                    entry.idempotencyKey());
        }
    }
}
