package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.Commands;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;

/** The instances of plugins. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Plugins")
@Singleton
public final class InstancesResource {
    private final Commands commands;

    @Inject
    public InstancesResource(Commands commands) {
        this.commands = commands;
    }

    @GET
    @Path("/engines")
    @Operation(summary = "List the engines")
    public Instances engines(@Context HttpServletRequest http) {
        return list(Callers.of(http), LlmginePlugin.ENGINE);
    }

    @GET
    @Path("/providers")
    @Operation(summary = "List the providers")
    public Instances providers(@Context HttpServletRequest http) {
        return list(Callers.of(http), LlmginePlugin.PROVIDER);
    }

    @GET
    @Path("/tools")
    @Operation(summary = "List the tools")
    public Instances tools(@Context HttpServletRequest http) {
        return list(Callers.of(http), LlmginePlugin.TOOL);
    }

    private Instances list(Principal principal, String kind) {
        return new Instances(commands.execute(new ListInstances(principal, kind)).stream()
                .map(Instance::of)
                .toList());
    }

    public record Instances(List<Instance> items) {}

    public record Instance(
            String kind,
            String name,
            String plugin,
            String version,
            String bundle,
            String state,
            @Nullable String problem,
            int inFlight,
            Map<String, Number> figures,
            @Nullable ToolView tool) {
        private static Instance of(InstanceEntry entry) {
            return new Instance(
                    entry.kind(),
                    entry.name(),
                    entry.plugin(),
                    entry.version(),
                    entry.bundle(),
                    entry.state(),
                    entry.problem().orElse(null),
                    entry.inFlight(),
                    entry.figures(),
                    entry.tool().map(ToolView::of).orElse(null));
        }
    }

    @Schema(name = "Tool")
    public record ToolView(
            String name,
            String description,

            @JsonRawValue @Schema(types = "object", description = "JSON Schema of the arguments")
            String parameters,

            boolean strict) {
        private static ToolView of(ToolSpec spec) {
            return new ToolView(spec.name(), spec.description(), spec.parameters(), spec.strict());
        }
    }
}
