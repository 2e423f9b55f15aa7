package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.session.ChangeSession;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.EditMessage;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionHistory;

/** Sessions and their messages. */
@Path("/api/sessions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Sessions")
@Singleton
public final class SessionsResource {
    static final String PATH = "/api/sessions/";

    private static final int DEFAULT_LIMIT = 50;

    private final Json json;
    private final Commands commands;
    private final SessionRequestReader reader;

    @Inject
    public SessionsResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
        reader = new SessionRequestReader(json);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Make a session, also from a part of another one's history")
    @ApiResponse(
            responseCode = "201",
            description = "the session",
            content = @Content(schema = @Schema(implementation = SessionView.class)))
    public Response create(
            @Context HttpServletRequest http,
            @RequestBody(required = true, content = @Content(schema = @Schema(implementation = NewSession.class)))
                    InputStream body) {
        At request = json.read(body).only("title", "engine", "model", "systemPrompt", "tools", "settings", "from");
        Session session =
                commands.execute(new CreateSession(Callers.of(http), reader.draft(request), reader.from(request)));
        return created(SessionView.of(session))
                .header("Location", PATH + session.id())
                .build();
    }

    @GET
    @Operation(summary = "List sessions, the last changed first")
    public Sessions list(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "whose; another's than one's own needs the role admin")
                    @QueryParam("owner")
                    @Nullable String owner,
            @Parameter(
                            description = "how many at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit,
            @Parameter(description = "the session after which to go on") @QueryParam("after") @Nullable String after) {
        Queries.only(uri, "owner", "limit", "after");
        Principal principal = Callers.of(http);
        int most = limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 1, ListSessions.MOST);
        return new Sessions(
                commands
                        .execute(new ListSessions(
                                principal, owner == null ? "" : owner, most, Optional.ofNullable(after)))
                        .stream()
                        .map(SessionView::of)
                        .toList());
    }

    @GET
    @Path("/{session}")
    @Operation(summary = "Read a session with its conversation")
    public History get(@Context HttpServletRequest http, @PathParam("session") String session) {
        return History.of(commands.execute(new GetSession(Callers.of(http), session)));
    }

    @PATCH
    @Path("/{session}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Change a session, or switch to another branch of its history")
    public SessionView change(
            @Context HttpServletRequest http,
            @PathParam("session") String session,
            @RequestBody(required = true, content = @Content(schema = @Schema(implementation = SessionChange.class)))
                    InputStream body) {
        At request = json.read(body).only("title", "engine", "model", "systemPrompt", "tools", "settings", "head");
        return SessionView.of(commands.execute(new ChangeSession(
                Callers.of(http),
                session,
                reader.draft(request),
                request.get("head").optional().map(At::label))));
    }

    @DELETE
    @Path("/{session}")
    @Operation(summary = "Remove a session with its history, and end its turns")
    @ApiResponse(responseCode = "204", description = "it is gone")
    public void delete(@Context HttpServletRequest http, @PathParam("session") String session) {
        commands.execute(new DeleteSession(Callers.of(http), session));
    }

    @POST
    @Path("/{session}/messages")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Put an edited message beside one of the history, as the head of a new branch")
    @ApiResponse(
            responseCode = "201",
            description = "the message",
            content = @Content(schema = @Schema(implementation = MessageView.class)))
    public Response edit(
            @Context HttpServletRequest http,
            @PathParam("session") String session,
            @RequestBody(required = true, content = @Content(schema = @Schema(implementation = MessageEdit.class)))
                    InputStream body) {
        At request = json.read(body).only("replaces", "content");
        return created(MessageView.of(commands.execute(new EditMessage(
                        Callers.of(http),
                        session,
                        request.get("replaces").label(),
                        request.get("content").string()))))
                .build();
    }

    private static Response.ResponseBuilder created(Record entity) {
        return Response.status(Response.Status.CREATED).entity(entity);
    }

    public record Sessions(List<SessionView> items) {}

    @Schema(name = "SessionHistory")
    public record History(@JsonUnwrapped SessionView session, List<MessageView> messages) {
        private static History of(SessionHistory history) {
            return new History(
                    SessionView.of(history.session()),
                    history.messages().stream().map(MessageView::of).toList());
        }
    }

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record NewSession(
            @Nullable String title,

            @Schema(description = "an engine's name; the host's default when absent") @Nullable String engine,

            @Schema(description = "instance/model, default or an alias", example = "default") @Nullable String model,

            @Nullable String systemPrompt,

            @Schema(description = "the names of the tools that turns may use; null for all the host has") @Nullable List<String> tools,

            SessionView.@Nullable SettingsView settings,

            @Schema(description = "the part of another session's history that it begins with") @Nullable From from) {}

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record From(
            String session,

            @Schema(description = "the last message that is taken over")
            String message) {}

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE, description = "what changes")
    record SessionChange(
            @Nullable String title,
            @Nullable String engine,
            @Nullable String model,
            @Nullable String systemPrompt,

            @Schema(description = "null for all the host has") @Nullable List<String> tools,

            @Schema(description = "replaces the former ones as a whole")
            SessionView.@Nullable SettingsView settings,

            @Schema(description = "the message that the conversation is to end with") @Nullable String head) {}

    /** The body, for the API's description. */
    @Schema(
            additionalProperties = Schema.AdditionalPropertiesValue.FALSE,
            requiredProperties = {"replaces", "content"})
    record MessageEdit(
            @Schema(description = "the user's or the assistant's message that it stands beside")
            String replaces,

            String content) {}
}
