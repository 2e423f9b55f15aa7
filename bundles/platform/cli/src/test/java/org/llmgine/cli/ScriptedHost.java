package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A real HTTP server on a free port of the loopback that plays a script for every request and keeps what was asked. */
final class ScriptedHost implements AutoCloseable {
    /** What was asked. */
    record Request(String method, String path, @Nullable String key, String body) {}

    /** Answers one request. */
    interface Script {
        void play(HttpExchange exchange) throws Exception;
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final ExecutorService requestThreads = Executors.newVirtualThreadPerTaskExecutor();

    ScriptedHost(Script script) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(new Request(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
                script.play(exchange);
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
        server.setExecutor(requestThreads);
        server.start();
    }

    /** Answer with a whole body. */
    static Script answer(int status, String mediaType, String body) {
        return exchange -> {
            exchange.getResponseHeaders().add("Content-Type", mediaType);
            exchange.sendResponseHeaders(status, 0);
            send(exchange, body);
        };
    }

    /** Answer with the text of an event stream. */
    static Script stream(String events) {
        return answer(200, "text/event-stream;charset=utf-8", events);
    }

    /** Send a piece of the body at once. */
    static void send(HttpExchange exchange, String text) throws IOException {
        OutputStream body = exchange.getResponseBody();
        body.write(text.getBytes(UTF_8));
        body.flush();
    }

    /** Write the event of one piece of an answer. */
    static String delta(String text) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text
                + "\"},\"finish_reason\":null}]}\n\n";
    }

    static String finish(String reason) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}\n\n";
    }

    String port() {
        return Integer.toString(server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        requestThreads.shutdownNow();
    }
}
