package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.security.SecurityRequirements;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Login;

/** Gives a short-lived key for a name and a password. */
@Path("/api/login")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Keys")
@Singleton
public final class LoginResource {
    private final Json json;
    private final Commands commands;

    @Inject
    public LoginResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Get a short-lived key for a name and a password")
    @SecurityRequirements
    public NewKey login(
            @RequestBody(required = true, content = @Content(schema = @Schema(implementation = Credentials.class)))
                    InputStream body) {
        At request = json.read(body).only("name", "password");
        return NewKey.of(commands.execute(
                new Login(request.get("name").label(), request.get("password").label())));
    }

    /** The body, for the API's description. */
    @Schema(additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record Credentials(
            String name, @Schema(format = "password") String password) {}
}
