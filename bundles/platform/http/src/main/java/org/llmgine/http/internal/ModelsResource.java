package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.Commands;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;

/** The models in OpenAI's form. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "OpenAI-compatible")
@Singleton
public final class ModelsResource {
    private final Commands commands;

    @Inject
    public ModelsResource(Commands commands) {
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List what a request's model may name")
    public ModelList list(@Context HttpServletRequest http) {
        return new ModelList(
                "list",
                commands.execute(new ListModels(Callers.of(http))).stream()
                        .map(Model::of)
                        .toList());
    }

    /** A model's name has slashes, plain or encoded. */
    @GET
    @Path("/{id:.+}")
    @Operation(summary = "Describe one model")
    public Model find(@Context HttpServletRequest http, @PathParam("id") String id) {
        return commands.execute(new ListModels(Callers.of(http))).stream()
                .filter(entry -> entry.id().equals(id))
                .findFirst()
                .map(Model::of)
                .orElseThrow(() -> new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model " + id + ".")
                        .withHint("GET /v1/models lists them.")
                        .withField("model"));
    }

    public record ModelList(String object, List<Model> data) {}

    public record Model(
            String id,
            String object,
            long created,
            @JsonProperty("owned_by") String ownedBy,
            @Nullable String target,
            List<String> capabilities,
            @JsonProperty("context_tokens") @Nullable Integer contextTokens) {
        /** OpenAI's clients need the time of creation; no back-end tells it. */
        private static Model of(ModelEntry entry) {
            return new Model(
                    entry.id(),
                    "model",
                    0,
                    entry.owner(),
                    entry.target().orElse(null),
                    entry.capabilities().stream().sorted().toList(),
                    entry.contextTokens().isPresent() ? entry.contextTokens().getAsInt() : null);
        }
    }
}
