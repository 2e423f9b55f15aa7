package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetTurn;
import org.llmgine.core.session.GetTurnMessages;
import org.llmgine.core.session.ListApprovals;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;

/** The turns of a session. A turn goes on whether or not its events are read here. */
@Path("/api/sessions/{session}/turns")
@Tag(name = "Sessions")
@Singleton
public final class TurnsResource {
    private static final String CONTENT_LOCATION = "Content-Location";
    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final String AFTER = "after";
    private static final byte[] OPENING = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_BYTES = 16 * 1024;

    private final Json json;
    private final Commands commands;
    private final HostTimer timer;
    private final HttpSettings settings;
    private final HttpMetrics metrics;
    private final SessionRequestReader reader;

    @Inject
    public TurnsResource(Json json, Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics) {
        this.json = json;
        this.commands = commands;
        this.timer = timer;
        this.settings = settings;
        this.metrics = metrics;
        reader = new SessionRequestReader(json);
    }

    /** Begin a turn; its stream is written here, past Jersey, which finds the response committed. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Ask, and read the answer as it comes, at its end, or later",
            description = "docs/sessions.md describes the events.")
    @ApiResponse(
            responseCode = "200",
            description =
                    "the turn's events; with stream: false its end, or what it waits for, and the messages that it added",
            headers = @Header(name = CONTENT_LOCATION, description = "the turn", schema = @Schema(types = "string")),
            content = {
                @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(types = "string")),
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = FinishedTurn.class))
            })
    @ApiResponse(
            responseCode = "202",
            description = "with detach: true: it has begun, or waits",
            headers = @Header(name = "Location", description = "the turn", schema = @Schema(types = "string")),
            content =
                    @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = TurnView.class)))
    public @Nullable Response start(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @PathParam("session") String session,
            @RequestBody(required = true, content = @Content(schema = @Schema(implementation = NewTurn.class)))
                    InputStream body) {
        Principal principal = Callers.of(http);
        SessionRequestReader.TurnRequest request = reader.turn(json.read(body));
        SessionTurn turn = commands.execute(new StartTurn(principal, session, request.draft()));
        String location = SessionsResource.PATH + session + "/turns/" + turn.id();
        if (request.detach()) {
            return Response.accepted(TurnView.of(turn))
                    .type(MediaType.APPLICATION_JSON)
                    .header("Location", location)
                    .build();
        }
        response.setHeader(CONTENT_LOCATION, location);
        FollowTurn follow = new FollowTurn(principal, session, turn.id(), 0);
        if (request.stream()) {
            stream(follow, response);
            return null;
        }
        return Response.ok(finished(follow), MediaType.APPLICATION_JSON).build();
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "List a session's turns, oldest first")
    public Turns list(@Context HttpServletRequest http, @PathParam("session") String session) {
        Principal principal = Callers.of(http);
        return new Turns(commands.execute(new ListTurns(principal, session)).stream()
                .map(turn -> view(principal, turn))
                .toList());
    }

    @GET
    @Path("/{turn}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Read a turn")
    public TurnView get(
            @Context HttpServletRequest http, @PathParam("session") String session, @PathParam("turn") String turn) {
        Principal principal = Callers.of(http);
        return view(principal, commands.execute(new GetTurn(principal, session, turn)));
    }

    @DELETE
    @Path("/{turn}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Cancel a turn; one that is over stays as it is")
    public TurnView cancel(
            @Context HttpServletRequest http, @PathParam("session") String session, @PathParam("turn") String turn) {
        return TurnView.of(commands.execute(new CancelTurn(Callers.of(http), session, turn)));
    }

    /** Follow a turn; its stream is written here, past Jersey, which finds the response committed. */
    @GET
    @Path("/{turn}/stream")
    @Operation(
            summary = "Read a turn's events, from the first one or after a known one",
            description =
                    "Any number of readers get the same events, until a while after the end, for which turnLogKeepMs is the setting.")
    @ApiResponse(
            responseCode = "200",
            description = "the turn's events",
            content = @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(types = "string")))
    @ApiResponse(responseCode = "204", description = "the last event is known already")
    public @Nullable Response follow(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @PathParam("session") String session,
            @PathParam("turn") String turn,
            @Parameter(description = "the id of the last event that is known, turn:seq")
                    @HeaderParam(LAST_EVENT_ID)
                    @Nullable String lastEventId,
            @Parameter(
                            description = "the number of the last event that is known, where there is no such header",
                            schema = @Schema(type = "integer", minimum = "0"))
                    @QueryParam(AFTER)
                    @Nullable String after) {
        Principal principal = Callers.of(http);
        long known;
        String source;
        if (lastEventId != null) {
            source = LAST_EVENT_ID;
            known = seq(lastEventId, turn);
        } else {
            source = AFTER;
            known = after == null ? 0 : Numbers.in(AFTER, after, 0, Integer.MAX_VALUE);
        }
        try {
            stream(new FollowTurn(principal, session, turn, known), response);
        } catch (LlmgineException e) {
            if (e.code().equals(ErrorCode.INVALID_REQUEST)) {
                throw new LlmgineException(e.code(), source + ": " + e.getMessage(), e).withField(source);
            }
            throw e;
        }
        return null;
    }

    /** Show a turn, a suspended one with what it waits for. */
    private TurnView view(Principal principal, SessionTurn turn) {
        if (!turn.state().equals(SessionTurn.SUSPENDED)) {
            return TurnView.of(turn);
        }
        ListApprovals of = new ListApprovals(
                principal,
                Optional.empty(),
                Optional.of(turn.session()),
                Optional.of(turn.id()),
                ListApprovals.MOST,
                Optional.empty());
        return TurnView.of(
                turn,
                commands.execute(of).stream()
                        .sorted(Comparator.comparingLong(Approval::event))
                        .map(ApprovalView::of)
                        .toList());
    }

    private static long seq(String lastEventId, String turn) {
        String start = turn + ":";
        if (!lastEventId.startsWith(start)) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            LAST_EVENT_ID + ": must be the id of an event of this turn, " + Problem.value(start)
                                    + "NUMBER, got " + Problem.value(lastEventId) + ".")
                    .withField(LAST_EVENT_ID);
        }
        return Numbers.in(LAST_EVENT_ID, lastEventId.substring(start.length()), 0, Integer.MAX_VALUE);
    }

    /** Nothing is written when there is nothing to read: Jersey then says so with 204, which ends an EventSource's tries. */
    private void stream(FollowTurn follow, HttpServletResponse response) {
        Cancellation left = new Cancellation();
        try (TurnReader events = commands.execute(follow);
                HostTimer.Registration leaving = left.onCancel(events::close);
                HttpMetrics.OpenStream open = metrics.openStream();
                SseWriter writer =
                        new SseWriter(response, left, timer, settings.current().heartbeat())) {
            try {
                relay(events, follow.turnId(), writer, open);
            } catch (RuntimeException e) {
                if (!writer.stopPings()) {
                    throw e;
                }
                // The turn has its own end; a reader that is cut off before it resumes. A defect goes to the log.
                Problem.of(e);
            }
        }
    }

    private void relay(TurnReader events, String turnId, SseWriter writer, HttpMetrics.OpenStream open) {
        SseBuffer buffer = new SseBuffer();
        if (!events.isReady()) {
            // Whatever happens to the turn, the answer's head is known.
            writer.send(buffer.raw(OPENING));
        }
        TurnEvents encoder = new TurnEvents(json, buffer, turnId);
        boolean begun = false;
        for (TurnEvent event = events.next(); event != null; event = events.next()) {
            encoder.add(event);
            if (buffer.length() >= MOST_BYTES
                    || buffer.length() > 0 && (event.event() instanceof TurnEnded || !events.isReady())) {
                writer.send(buffer);
                if (!begun) {
                    begun = true;
                    open.firstEvent();
                }
            }
        }
    }

    /** Wait for the end, or for people being asked; the turn has its own deadlines. */
    private FinishedTurn finished(FollowTurn follow) {
        SessionTurn turn = end(follow);
        if (turn.failure().isPresent()) {
            throw turn.failure().get().toException();
        }
        List<MessageView> messages =
                commands.execute(new GetTurnMessages(follow.principal(), follow.sessionId(), turn.id())).stream()
                        .map(MessageView::of)
                        .toList();
        return new FinishedTurn(view(follow.principal(), turn), messages);
    }

    private SessionTurn end(FollowTurn follow) {
        try (TurnReader events = commands.execute(follow)) {
            for (TurnEvent event = events.next(); event != null; event = events.next()) {
                if (event.event() instanceof TurnEnded ended) {
                    return ended.turn();
                }
                if (event.event() instanceof ApprovalRequired) {
                    SessionTurn now =
                            commands.execute(new GetTurn(follow.principal(), follow.sessionId(), follow.turnId()));
                    if (now.state().equals(SessionTurn.SUSPENDED)) {
                        return now;
                    }
                }
            }
        }
        throw new IllegalStateException("The events of " + follow.turnId() + " have no end.");
    }

    public record Turns(List<TurnView> items) {}

    public record FinishedTurn(TurnView turn, List<MessageView> messages) {}

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record NewTurn(
            @Schema(
                    types = {"string", "array"},
                    description = "text, or parts in OpenAI's form; the replaced message again when absent")
            @Nullable Object prompt,

            @Schema(description = "the user's message in whose place the prompt goes, on a new branch") @Nullable String replaces,

            @Schema(defaultValue = "true") @Nullable Boolean stream,

            @Schema(defaultValue = "false", description = "whether the answer comes at once and has the turn only")
            @Nullable Boolean detach) {}
}
