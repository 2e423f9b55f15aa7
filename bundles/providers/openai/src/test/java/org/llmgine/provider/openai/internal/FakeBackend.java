package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/** A back-end on a socket of this machine that answers as a test says, byte by byte if need be. */
final class FakeBackend implements AutoCloseable {
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Answer> lists = new LinkedBlockingQueue<>();
    private final CountDownLatch cut = new CountDownLatch(1);
    private volatile boolean closed;

    FakeBackend() throws IOException {
        this(ServerSocketFactory.getDefault());
    }

    FakeBackend(ServerSocketFactory sockets) throws IOException {
        server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** What was asked. */
    record Request(String line, Map<String, String> headers, String body) {}

    /** Writes an answer. */
    interface Answer {
        void write(Exchange exchange) throws IOException;
    }

    /** One request's connection. */
    record Exchange(OutputStream out, InputStream in) {
        void head(int status, String... headers) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            raw(head + "\r\n");
        }

        void chunk(String text) throws IOException {
            raw(framed(text));
        }

        void lastChunk(String text) throws IOException {
            raw(framed(text) + "0\r\n\r\n");
        }

        private static String framed(String text) {
            return Integer.toHexString(text.getBytes(UTF_8).length) + "\r\n" + text + "\r\n";
        }

        void raw(String text) throws IOException {
            out.write(text.getBytes(UTF_8));
            out.flush();
        }
    }

    /** Answer as a whole. */
    static Answer whole(int status, String body, String... headers) {
        return exchange -> {
            List<String> all = new ArrayList<>(List.of(headers));
            all.add("Content-Length: " + body.getBytes(UTF_8).length);
            exchange.head(status, all.toArray(String[]::new));
            exchange.raw(body);
        };
    }

    /** Answer with an event stream of pieces that come one by one. */
    static Answer stream(String... pieces) {
        return exchange -> {
            exchange.head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked");
            for (int i = 0; i < pieces.length - 1; i++) {
                exchange.chunk(pieces[i]);
            }
            // In one write with the end, so that who reads the last piece has the end, too.
            exchange.lastChunk(pieces[pieces.length - 1]);
        };
    }

    /** Make an event of a chunk with a delta. */
    static String delta(String delta) {
        return event("{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                + "[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]}");
    }

    static String text(String text) {
        return delta("{\"content\":\"" + text + "\"}");
    }

    static String finish(String reason) {
        return event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}");
    }

    static String event(String data) {
        return "data: " + data + "\n\n";
    }

    static final String DONE = "data: [DONE]\n\n";

    /** Give the next answer to a chat completion. */
    FakeBackend then(Answer answer) {
        answers.add(answer);
        return this;
    }

    /** Give the next answer to the question for models; without one it is 404. */
    FakeBackend thenList(Answer answer) {
        lists.add(answer);
        return this;
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/v1";
    }

    int port() {
        return server.getLocalPort();
    }

    /** Wait for the next chat completion's request. */
    Request request() throws InterruptedException {
        Request request = requests.poll(10, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("No request came within 10 s.");
        }
        return request;
    }

    /** Return the address of a back-end that isn't there. */
    static String nobody() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + free.getLocalPort() + "/v1";
        }
    }

    int connections() {
        return connections.get();
    }

    /** Wait until the client has cut a connection in the midst of an answer. */
    boolean awaitCut() throws InterruptedException {
        return cut.await(10, TimeUnit.SECONDS);
    }

    /** Block until the client cuts the connection. */
    void untilCut(Exchange exchange) {
        try {
            if (exchange.in().read() < 0) {
                cut.countDown();
            }
        } catch (IOException e) {
            cut.countDown();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                if (closed) {
                    socket.close();
                    return;
                }
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        boolean counted = false;
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                Request request = read(in);
                if (request == null) {
                    return;
                }
                Exchange exchange = new Exchange(socket.getOutputStream(), in);
                if (request.line().contains("/models")) {
                    Answer answer = lists.poll();
                    (answer == null ? whole(404, "") : answer).write(exchange);
                    continue;
                }
                if (!counted) {
                    counted = true;
                    connections.incrementAndGet();
                }
                requests.add(request);
                answers.take().write(exchange);
            }
        } catch (IOException | UncheckedIOException e) {
            cut.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @org.jspecify.annotations.Nullable Request read(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            return null;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Request(line, headers, new String(in.readNBytes(length), UTF_8));
    }

    private static @org.jspecify.annotations.Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
