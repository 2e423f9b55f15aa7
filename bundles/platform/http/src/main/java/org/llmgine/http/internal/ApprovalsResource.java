package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.Commands;
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.ListApprovals;

/** What people are asked to approve. */
@Path("/api/approvals")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Approvals")
@Singleton
public final class ApprovalsResource {
    private static final int DEFAULT_LIMIT = 50;

    private final Json json;
    private final Commands commands;

    @Inject
    public ApprovalsResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List approvals, the newest first: one's own, and everybody's for an operator")
    public Approvals list(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(
                            description = "in which state",
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = {"pending", "approved", "denied", "expired", "cancelled"
                                            }))
                    @QueryParam("state")
                    @Nullable String state,
            @Parameter(description = "of which session") @QueryParam("session") @Nullable String session,
            @Parameter(
                            description = "how many at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit,
            @Parameter(description = "the approval after which to go on") @QueryParam("after") @Nullable String after) {
        Queries.only(uri, "state", "session", "limit", "after");
        int most = limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 1, ListApprovals.MOST);
        return new Approvals(commands
                .execute(new ListApprovals(
                        Callers.of(http),
                        Optional.ofNullable(state),
                        Optional.ofNullable(session),
                        Optional.empty(),
                        most,
                        Optional.ofNullable(after)))
                .stream()
                .map(ApprovalView::of)
                .toList());
    }

    @GET
    @Path("/{approval}")
    @Operation(summary = "Read an approval")
    public ApprovalView get(@Context HttpServletRequest http, @PathParam("approval") String approval) {
        return ApprovalView.of(commands.execute(new GetApproval(Callers.of(http), approval)));
    }

    @POST
    @Path("/{approval}/approve")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Approve a tool call: it is made, and the turn goes on, when all its calls are decided")
    public ApprovalView approve(
            @Context HttpServletRequest http,
            @PathParam("approval") String approval,
            @RequestBody(content = @Content(schema = @Schema(implementation = Decision.class))) InputStream body) {
        return decide(http, approval, true, body);
    }

    @POST
    @Path("/{approval}/deny")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Deny a tool call; the model reads who did and why")
    public ApprovalView deny(
            @Context HttpServletRequest http,
            @PathParam("approval") String approval,
            @RequestBody(content = @Content(schema = @Schema(implementation = Decision.class))) InputStream body) {
        return decide(http, approval, false, body);
    }

    private ApprovalView decide(HttpServletRequest http, String approval, boolean approved, InputStream body) {
        return ApprovalView.of(
                commands.execute(new DecideApproval(Callers.of(http), approval, approved, reason(body))));
    }

    /** Read the reason; a body is not needed. */
    private String reason(InputStream body) {
        PushbackInputStream ahead = new PushbackInputStream(body);
        try {
            int first = ahead.read();
            if (first < 0) {
                return "";
            }
            ahead.unread(first);
        } catch (IOException e) {
            throw Problem.bodyFailed(e);
        }
        return json.read(ahead)
                .only("reason")
                .get("reason")
                .optional()
                .map(At::string)
                .orElse("");
    }

    public record Approvals(List<ApprovalView> items) {}

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record Decision(
            @Schema(description = "what to say to it", maxLength = 2000) @Nullable String reason) {}
}
