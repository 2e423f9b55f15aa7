package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.RevokeKey;

/** The API keys; for admins. */
@Path("/api/keys")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Keys")
@Singleton
public final class KeysResource {
    private final Json json;
    private final Commands commands;

    @Inject
    public KeysResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List the keys, without their secrets")
    public Keys list(@Context HttpServletRequest http) {
        return new Keys(commands.execute(new ListKeys(Callers.of(http))).stream()
                .map(Key::of)
                .toList());
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Make a key; the answer shows it this once")
    public NewKey create(
            @Context HttpServletRequest http,
            @RequestBody(required = true, content = @Content(schema = @Schema(implementation = KeyRequest.class)))
                    InputStream body) {
        Principal principal = Callers.of(http);
        At request = json.read(body).only("account", "label", "lifetimeSeconds");
        return NewKey.of(commands.execute(new CreateKey(
                principal,
                request.get("account").optional().map(At::label).orElse(principal.name()),
                request.get("label").optional().map(At::label).orElse(""),
                request.get("lifetimeSeconds")
                        .optional()
                        .map(at -> at.integer(1))
                        .map(Duration::ofSeconds))));
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "End a key for good")
    public Key revoke(@Context HttpServletRequest http, @PathParam("id") String id) {
        return Key.of(commands.execute(new RevokeKey(Callers.of(http), id)));
    }

    public record Keys(List<Key> items) {}

    public record Key(
            String id,
            String account,
            String label,
            String created,
            @Nullable String expires) {
        private static Key of(KeyEntry entry) {
            return new Key(
                    entry.keyId(),
                    entry.account(),
                    entry.label(),
                    entry.created().toString(),
                    entry.expires().map(Instant::toString).orElse(null));
        }
    }

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record KeyRequest(
            @Schema(description = "the owner; the caller when absent") @Nullable String account,

            @Schema(description = "what the key is for") @Nullable String label,

            @Schema(description = "how long it is valid; for ever when absent") @Nullable Integer lifetimeSeconds) {}
}
