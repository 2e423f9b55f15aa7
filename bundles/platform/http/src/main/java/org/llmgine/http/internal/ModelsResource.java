package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.Commands;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;

/** The models in OpenAI's form. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
public final class ModelsResource {
    private final Json json;
    private final Commands commands;

    ModelsResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
    }

    @GET
    public byte[] list(@Context HttpServletRequest http) {
        ObjectNode root = json.object();
        root.put("object", "list");
        ArrayNode data = root.putArray("data");
        commands.execute(new ListModels(Callers.of(http))).forEach(entry -> write(entry, data.addObject()));
        return json.bytes(root);
    }

    /** A model's name has slashes, plain or encoded. */
    @GET
    @Path("/{id:.+}")
    public byte[] find(@Context HttpServletRequest http, @PathParam("id") String id) {
        ModelEntry entry = commands.execute(new ListModels(Callers.of(http))).stream()
                .filter(candidate -> candidate.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model " + id + ".")
                        .withHint("GET /v1/models lists them.")
                        .withField("model"));
        ObjectNode node = json.object();
        write(entry, node);
        return json.bytes(node);
    }

    private static void write(ModelEntry entry, ObjectNode node) {
        node.put("id", entry.id());
        node.put("object", "model");
        // OpenAI's clients need the field; no back-end tells the time.
        node.put("created", 0);
        node.put("owned_by", entry.owner());
        entry.target().ifPresent(target -> node.put("target", target));
        ArrayNode capabilities = node.putArray("capabilities");
        entry.capabilities().stream().sorted().forEach(capabilities::add);
        entry.contextTokens().ifPresent(tokens -> node.put("context_tokens", tokens));
    }
}
