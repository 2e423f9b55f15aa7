package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.StoredMessage;
import org.llmgine.core.Commands;
import org.llmgine.core.command.DeadLetterPage;
import org.llmgine.core.command.GetDeadLetter;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;

/** The messages that the bus gave up; for operators. */
@Path("/api/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Dead letters")
@Singleton
public final class DeadLettersResource {
    private static final int DEFAULT_LIMIT = 50;

    private final Commands commands;

    @Inject
    public DeadLettersResource(Commands commands) {
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List the messages that were given up, oldest first")
    public Letters list(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "the messages' type") @QueryParam("type") @Nullable String type,
            @Parameter(description = "the letter after which to go on") @QueryParam("after") @Nullable String after,
            @Parameter(
                            description = "how many at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "50"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        Queries.only(uri, "type", "after", "limit");
        int most = limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 1, DeadLetters.MOST);
        return Letters.of(commands.execute(new ListDeadLetters(
                Callers.of(http), Objects.requireNonNullElse(type, ""), Objects.requireNonNullElse(after, ""), most)));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "Read a message that was given up")
    public Letter get(@Context HttpServletRequest http, @PathParam("id") String id) {
        return Letter.of(commands.execute(new GetDeadLetter(Callers.of(http), id)));
    }

    @POST
    @Path("/{id}/retry")
    @Operation(
            summary = "Send a message again",
            description = "The answer is 200 also when it failed again; the letter goes when it succeeded.")
    public Retried retry(@Context HttpServletRequest http, @PathParam("id") String id) {
        return Retried.of(commands.execute(new RetryDeadLetter(Callers.of(http), id)));
    }

    @POST
    @Path("/retry")
    @Operation(summary = "Send all messages again, oldest first")
    public AllRetried retryAll(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "the messages' type") @QueryParam("type") @Nullable String type) {
        Queries.only(uri, "type");
        return new AllRetried(
                commands.execute(new RetryDeadLetters(Callers.of(http), Objects.requireNonNullElse(type, ""))).stream()
                        .map(Retried::of)
                        .toList());
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Throw a message away, and return it")
    public Letter purge(@Context HttpServletRequest http, @PathParam("id") String id) {
        return Letter.of(commands.execute(new PurgeDeadLetter(Callers.of(http), id)));
    }

    @DELETE
    @Operation(summary = "Throw all messages of a type away, or with all=true those of every type")
    public Purged purgeAll(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "the messages' type") @QueryParam("type") @Nullable String type,
            @Parameter(
                            description = "whether those of every type are meant",
                            schema = @Schema(type = "boolean", defaultValue = "false"))
                    @QueryParam("all")
                    @Nullable String all) {
        Queries.only(uri, "type", "all");
        boolean every = Queries.isTrue("all", all);
        boolean one = type != null && !type.isEmpty();
        if (every == one) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            every ? "all: is not wanted beside a type." : "type: is missing.")
                    .withHint("Name a type, or say all=true for those of every type.")
                    .withField(every ? "all" : "type");
        }
        return new Purged(
                commands.execute(new PurgeDeadLetters(Callers.of(http), Objects.requireNonNullElse(type, ""))));
    }

    @Schema(name = "DeadLetters")
    public record Letters(
            List<Letter> items,

            @Schema(description = "how many there are in all, of every type")
            int count) {
        private static Letters of(DeadLetterPage page) {
            return new Letters(page.letters().stream().map(Letter::of).toList(), page.count());
        }
    }

    @Schema(name = "DeadLetter")
    public record Letter(
            String id,

            @Schema(description = "command or event") String kind,

            String type,
            int version,
            String bundle,

            @Schema(description = "the listener that failed with an event; empty otherwise")
            String listener,

            String session,
            String principal,
            int attempts,
            String errorCode,
            String error,
            String first,
            String last,
            Map<String, String> metadata,
            String idempotencyKey,
            @Nullable String cause,

            @Schema(description = "the message's fields", types = "object") @JsonRawValue
            String payload) {
        private static Letter of(DeadLetter letter) {
            StoredMessage message = letter.message();
            return new Letter(
                    letter.id(),
                    message.kind(),
                    message.type(),
                    message.version(),
                    message.bundle(),
                    letter.listener(),
                    message.session(),
                    message.principal().name(),
                    letter.attempts(),
                    letter.errorCode(),
                    letter.error(),
                    letter.first().toString(),
                    letter.last().toString(),
                    message.metadata(),
                    message.idempotencyKey(),
                    message.cause().orElse(null),
                    message.payload());
        }
    }

    public record Retried(
            String id,
            boolean succeeded,

            @Schema(description = "why it failed again") @Nullable String error) {
        private static Retried of(DeadLetters.Retried retried) {
            return new Retried(retried.id(), retried.succeeded(), retried.succeeded() ? null : retried.error());
        }
    }

    public record AllRetried(List<Retried> items) {}

    public record Purged(
            @Schema(description = "how many there were") int purged) {}
}
