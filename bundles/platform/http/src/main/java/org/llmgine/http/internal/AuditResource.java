package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.Commands;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.ListAudit;

/** Who changed what; for admins. */
@Path("/api/audit")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audit")
@Singleton
public final class AuditResource {
    private static final int DEFAULT_LIMIT = 50;

    private final Commands commands;

    @Inject
    public AuditResource(Commands commands) {
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List what was changed and by whom, newest first")
    public Audit list(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "the name of who changed it") @QueryParam("principal") @Nullable String principal,
            @Parameter(description = "the command's name, such as CreateKey") @QueryParam("action") @Nullable String action,
            @Parameter(description = "the id of the entry after which to go on") @QueryParam("after") @Nullable String after,
            @Parameter(
                            description = "how many at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        Queries.only(uri, "principal", "action", "after", "limit");
        int most = limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 1, ListAudit.MOST);
        return new Audit(commands
                .execute(new ListAudit(
                        Callers.of(http),
                        Objects.requireNonNullElse(principal, ""),
                        Objects.requireNonNullElse(action, ""),
                        Objects.requireNonNullElse(after, ""),
                        most))
                .stream()
                .map(Entry::of)
                .toList());
    }

    public record Audit(List<Entry> items) {}

    @Schema(name = "AuditEntry")
    public record Entry(
            String id,
            String time,
            String principal,
            List<String> roles,
            String action,
            String target,

            @Schema(description = "ok, or the code of the error")
            String outcome,

            String details,
            String session,

            @Schema(description = "by which way it came") String face) {
        private static Entry of(AuditEntry entry) {
            return new Entry(
                    entry.id(),
                    entry.time().toString(),
                    entry.principal(),
                    entry.roles().stream().sorted().toList(),
                    entry.action(),
                    entry.target(),
                    entry.outcome(),
                    entry.details(),
                    entry.session(),
                    entry.face());
        }
    }
}
