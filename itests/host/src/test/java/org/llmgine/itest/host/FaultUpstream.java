package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A back-end on a raw socket that does to each request what was set for its model, however wrong. */
final class FaultUpstream implements AutoCloseable {
    /** The deltas of a good answer. */
    static final List<String> DELTAS = List.of("one ", "two ", "three ", "four ", "five ", "six");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HALF = 3;

    private final ServerSocket server;
    private final Map<String, Fault> faults = new ConcurrentHashMap<>();
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    private final Set<Exchange> running = ConcurrentHashMap.newKeySet();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /** What is done to a request. */
    interface Fault {
        void play(Exchange exchange) throws IOException, InterruptedException;
    }

    FaultUpstream() {
        try {
            server = new ServerSocket(0, 2048, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("upstream").start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/v1");
    }

    FaultUpstream on(String model, Fault fault) {
        faults.put(model, fault);
        return this;
    }

    /** Return the requests for a model, oldest first. */
    List<Exchange> exchanges(String model) {
        return exchanges.stream()
                .filter(exchange -> exchange.model().equals(model))
                .toList();
    }

    /** Tell which models' requests are not over: neither answered nor cut by the host. */
    List<String> running() {
        return running.stream().map(Exchange::model).sorted().toList();
    }

    int connections() {
        return connections.size();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : connections) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.add(socket);
                Thread.ofVirtual().name("upstream-connection").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean another = true;
            while (another) {
                another = answer(socket, in);
            }
        } catch (IOException e) {
            // The host cut the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(socket);
        }
    }

    private boolean answer(Socket socket, InputStream in) throws IOException, InterruptedException {
        String request = line(in);
        if (request == null) {
            return false;
        }
        Map<String, String> headers = new ConcurrentHashMap<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        JsonNode json = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        Exchange exchange = new Exchange(socket, in, request, headers, json);
        Fault fault = request.startsWith("GET ") ? this::list : faults.get(exchange.model());
        if (fault == null) {
            exchange.json("404 Not Found", "{\"error\":{\"message\":\"Nothing here.\"}}");
            return true;
        }
        exchanges.add(exchange);
        running.add(exchange);
        try {
            fault.play(exchange);
        } finally {
            running.remove(exchange);
        }
        return exchange.whole;
    }

    private void list(Exchange exchange) throws IOException {
        StringBuilder models = new StringBuilder();
        faults.keySet()
                .forEach(model -> models.append(models.isEmpty() ? "" : ",")
                        .append("{\"id\":\"" + model + "\",\"object\":\"model\"}"));
        exchange.json("200 OK", "{\"object\":\"list\",\"data\":[" + models + "]}");
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                if (line.isEmpty()) {
                    return null;
                }
                throw new EOFException(line.toString());
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** One request, and what is sent back. */
    static final class Exchange {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final String request;
        private final Map<String, String> headers;
        private final JsonNode body;
        private final long nanoTime = System.nanoTime();
        private boolean whole;

        private Exchange(Socket socket, InputStream in, String request, Map<String, String> headers, JsonNode body)
                throws IOException {
            this.socket = socket;
            this.in = in;
            this.out = socket.getOutputStream();
            this.request = request;
            this.headers = headers;
            this.body = body;
        }

        String model() {
            return body.path("model").asText(request);
        }

        JsonNode body() {
            return body;
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** Return when it came. */
        long nanoTime() {
            return nanoTime;
        }

        boolean isStreamed() {
            return body.path("stream").asBoolean();
        }

        void raw(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Send a whole response with a body. */
        void json(String status, String json, String... more) throws IOException {
            respond(status, "application/json", json, more);
        }

        void respond(String status, String type, String text, String... more) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            head(status, type, "Content-Length: " + bytes.length, more);
            out.write(bytes);
            whole = true;
        }

        private void head(String status, String type, String framing, String... more) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n");
            for (String header : more) {
                head.append(header).append("\r\n");
            }
            raw(head.append(framing).append("\r\n\r\n").toString());
        }

        /** Send the head of an event stream. */
        void beginStream() throws IOException {
            head("200 OK", "text/event-stream", "Transfer-Encoding: chunked");
        }

        void chunk(String text) throws IOException {
            raw(framed(text));
        }

        private static String framed(String text) {
            int length = text.getBytes(StandardCharsets.UTF_8).length;
            return Integer.toHexString(length) + "\r\n" + text + "\r\n";
        }

        void delta(String text) throws IOException {
            chunk(delta(text, "null"));
        }

        private String delta(String text, String finish) {
            return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"" + model()
                    + "\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":"
                    + finish
                    + "}]}\n\n";
        }

        /** Send half an answer, streamed or whole as it was asked for. */
        void half() throws IOException {
            if (isStreamed()) {
                beginStream();
                for (String delta : DELTAS.subList(0, HALF)) {
                    delta(delta);
                }
            } else {
                String json = wholeJson(String.join("", DELTAS));
                head("200 OK", "application/json", "Content-Length: " + json.length());
                raw(json.substring(0, json.length() / 2));
            }
        }

        /** Send a good answer. */
        void good() throws IOException {
            raw(goodResponse());
            whole = true;
        }

        /** Return a good answer as it goes over the wire. */
        String goodResponse() {
            if (!isStreamed()) {
                String json = wholeJson(String.join("", DELTAS));
                return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                        + "\r\n\r\n" + json;
            }
            StringBuilder response = new StringBuilder(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            goodEvents().forEach(event -> response.append(framed(event)));
            return response.append("0\r\n\r\n").toString();
        }

        /** Return the events of a good answer. */
        List<String> goodEvents() {
            List<String> events = new CopyOnWriteArrayList<>();
            DELTAS.forEach(delta -> events.add(delta(delta, "null")));
            events.add(delta("", "\"stop\""));
            events.add("data: [DONE]\n\n");
            return events;
        }

        String wholeJson(String text) {
            return "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"" + model()
                    + "\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" + text
                    + "\"},\"finish_reason\":\"stop\"}]}";
        }

        /** End the stream and keep the connection. */
        void end() throws IOException {
            raw("0\r\n\r\n");
            whole = true;
        }

        /** Cut the connection with a reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Send no more, and return when the host cuts the connection. */
        void hold() throws IOException {
            while (in.read() >= 0) {
                // What it sends doesn't matter.
            }
        }
    }
}
