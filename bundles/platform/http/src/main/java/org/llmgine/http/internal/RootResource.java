package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Says what is where. */
@Path("/")
@Hidden
@Singleton
public final class RootResource {
    private static final String MAP = """
            LLMgine: a modular host for LLM applications.

            POST /v1/chat/completions   chat, streamed or whole, as OpenAI's clients speak it
            GET  /v1/models             what a request's model may name
            POST /api/sessions          sessions: conversations that the host keeps, their turns resumable
            GET  /api/engines           the engines, and /api/providers, /api/tools
            POST /api/login             a short-lived key for a name and a password
            GET  /api/logs              the log, read or followed
            GET  /api/events            what happens on the bus, live; /api/dead-letters, /api/timers
            GET  /api/audit             who changed what
            GET  /health/live           probes: /health/live and /health/ready
            GET  /metrics               figures for Prometheus
            GET  /openapi.json          this API in full

            Send your key as Authorization: Bearer KEY.
            """;

    private final byte[] description;

    @Inject
    public RootResource() {
        description = read();
    }

    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public String map() {
        return MAP;
    }

    /** The description is made when the bundle is built. */
    @GET
    @Path("/openapi.json")
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] description() {
        return description;
    }

    private static byte[] read() {
        try (InputStream in = RootResource.class.getResourceAsStream("openapi.json")) {
            return Objects.requireNonNull(in, "the bundle was built without its API description")
                    .readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
