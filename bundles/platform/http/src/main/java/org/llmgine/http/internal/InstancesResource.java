package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;

/** The instances of plugins. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class InstancesResource {
    private final Json json;
    private final Commands commands;

    InstancesResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
    }

    @GET
    @Path("/engines")
    public byte[] engines(@Context HttpServletRequest http) {
        return list(Callers.of(http), LlmginePlugin.ENGINE);
    }

    @GET
    @Path("/providers")
    public byte[] providers(@Context HttpServletRequest http) {
        return list(Callers.of(http), LlmginePlugin.PROVIDER);
    }

    @GET
    @Path("/tools")
    public byte[] tools(@Context HttpServletRequest http) {
        return list(Callers.of(http), LlmginePlugin.TOOL);
    }

    private byte[] list(Principal principal, String kind) {
        ObjectNode root = json.object();
        ArrayNode items = root.putArray("items");
        commands.execute(new ListInstances(principal, kind)).forEach(entry -> write(entry, items.addObject()));
        return json.bytes(root);
    }

    private void write(InstanceEntry entry, ObjectNode node) {
        node.put("kind", entry.kind());
        node.put("name", entry.name());
        node.put("plugin", entry.plugin());
        node.put("version", entry.version());
        node.put("bundle", entry.bundle());
        node.put("state", entry.state());
        entry.problem().ifPresent(problem -> node.put("problem", problem));
        node.put("inFlight", entry.inFlight());
        node.putPOJO("figures", entry.figures());
        entry.tool().ifPresent(tool -> {
            ObjectNode out = node.putObject("tool");
            out.put("name", tool.name());
            out.put("description", tool.description());
            out.set("parameters", json.parse(tool.parameters()));
            out.put("strict", tool.strict());
        });
    }
}
