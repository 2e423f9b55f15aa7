package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirements;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** The probes. */
@Path("/health")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Probes")
@SecurityRequirements
@Singleton
public final class HealthResource {
    private final Readiness readiness;

    @Inject
    public HealthResource(Readiness readiness) {
        this.readiness = readiness;
    }

    @GET
    @Path("/live")
    @Operation(summary = "Say that the host lives")
    public Liveness live() {
        return new Liveness("live");
    }

    @GET
    @Path("/ready")
    @Operation(summary = "Say whether the host can serve, and what is missing")
    @ApiResponse(
            responseCode = "200",
            description = "ready",
            content = @Content(schema = @Schema(implementation = Readiness.Health.class)))
    @ApiResponse(
            responseCode = "503",
            description = "not ready",
            content = @Content(schema = @Schema(implementation = Readiness.Health.class)))
    public Response ready() {
        Readiness.Health health = readiness.health();
        CacheControl never = new CacheControl();
        never.setNoStore(true);
        return Response.status(health.ready() ? 200 : 503)
                .cacheControl(never)
                .entity(health)
                .build();
    }

    public record Liveness(String status) {}
}
