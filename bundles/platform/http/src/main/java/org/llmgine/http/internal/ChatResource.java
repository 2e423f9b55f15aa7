package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.ExternalDocumentation;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.core.command.ResolveModel;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;

/** Chat completions in OpenAI's form. */
@Path(ChatResource.PATH)
@Tag(name = "OpenAI-compatible")
public final class ChatResource {
    static final String PATH = "/v1/chat/completions";

    private final Json json;
    private final Commands commands;
    private final HostTimer timer;
    private final HttpSettings settings;
    private final HttpMetrics metrics;

    public ChatResource(Json json, Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics) {
        this.json = json;
        this.commands = commands;
        this.timer = timer;
        this.settings = settings;
        this.metrics = metrics;
    }

    /** Answer; it is written here, and Jersey, where it has called this, finds the response committed. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Answer a conversation, streamed or whole",
            description = "Takes OpenAI's request; docs/http-api.md says what becomes of each field.",
            externalDocs = @ExternalDocumentation(url = "https://platform.openai.com/docs/api-reference/chat/create"))
    @ApiResponse(
            responseCode = "200",
            description = "the whole answer, or with stream: true its chunks as server-sent events",
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(types = "object")),
                @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(types = "string"))
            })
    public void complete(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @RequestBody(
                            required = true,
                            content = @Content(schema = @Schema(implementation = ChatCompletionBody.class)))
                    InputStream body) {
        Principal principal = Callers.of(http);
        ChatRequest request =
                new ChatRequestReader(json, model -> takesExtensions(principal, model)).read(json.read(body));
        String id = "chatcmpl-" + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        long created = Instant.now().getEpochSecond();
        if (request.stream()) {
            stream(principal, request, id, created, response);
            return;
        }
        ChatAnswer answer = new ChatAnswer(json);
        ModelRequest whole = request.model().toBuilder().streamed(false).build();
        TurnSummary summary = commands.execute(new RunTurn(principal, whole, answer, new Cancellation()));
        write(json.bytes(answer.toJson(id, created, summary)), response);
    }

    private static void write(byte[] answer, HttpServletResponse response) {
        response.setContentType(MediaType.APPLICATION_JSON);
        response.setContentLength(answer.length);
        try (OutputStream out = response.getOutputStream()) {
            out.write(answer);
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The caller left.", e);
        }
    }

    private void stream(
            Principal principal, ChatRequest request, String id, long created, HttpServletResponse response) {
        Cancellation cancellation = new Cancellation();
        try (HttpMetrics.OpenStream open = metrics.openStream();
                SseWriter writer = new SseWriter(
                        response, cancellation, timer, settings.current().heartbeat())) {
            ChatStream stream =
                    new ChatStream(writer, new ChatExtensions(json), request, id, created, open::firstEvent);
            try {
                stream.finish(commands.execute(new RunTurn(principal, request.model(), stream, cancellation)));
            } catch (RuntimeException e) {
                if (!writer.stopPings()) {
                    throw e;
                }
                Problem problem = Problem.of(e);
                if (!problem.code().equals(ErrorCode.CANCELLED.name())) {
                    stream.fail(json.bytes(problem.openAi(json)));
                }
            }
        }
    }

    /** An engine runs on the default model. */
    private boolean takesExtensions(Principal principal, String model) {
        ModelEntry entry = commands.execute(new ResolveModel(principal, model));
        if (entry.owner().equals(LlmginePlugin.ENGINE)) {
            entry = commands.execute(new ResolveModel(principal, ChatRequestReader.DEFAULT_MODEL));
        }
        return entry.capabilities().contains(ModelInfo.EXTENSIONS);
    }
}
