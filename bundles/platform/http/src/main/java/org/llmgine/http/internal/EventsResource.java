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
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.llmgine.core.command.FollowEvents;

/** What the host's parts tell each other; for operators. */
@Path("/api/events")
@Tag(name = "Events")
@Singleton
public final class EventsResource {
    private final EventStream stream;

    @Inject
    public EventsResource(Json json, Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics) {
        stream = new EventStream(json, commands, timer, settings, metrics);
    }

    /** Follow. */
    @GET
    @Operation(
            summary = "Follow the bus' events as they happen",
            description =
                    "An event 'event' for each, and an event 'lost' with a count where this reader was too slow: it never"
                            + " slows the bus.")
    @ApiResponse(
            responseCode = "200",
            description = "the events, each with the fields of an Event",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(types = "string", description = "see the schema Event")))
    public void events(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @Context UriInfo uri,
            @Parameter(
                            description =
                                    "a type of events; * stands for any one segment, as the last one for one or more; may be"
                                            + " given again")
                    @QueryParam("topic")
                    List<String> topics,
            @Parameter(description = "the id of a session") @QueryParam("session") @Nullable String session,
            @Parameter(description = "the name of who caused the events") @QueryParam("principal") @Nullable String principal) {
        Queries.only(uri, "topic", "session", "principal");
        EventSelection selection = new EventSelection(
                topics, Objects.requireNonNullElse(session, ""), Objects.requireNonNullElse(principal, ""));
        stream.write(new FollowEvents(Callers.of(http), selection), response);
    }
}
