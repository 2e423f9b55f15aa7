package org.llmgine.itest.host;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;

/** A back-end whose every answer is a stream of as many deltas at the same pace; one thread writes them all. */
final class PacedUpstream implements AutoCloseable {
    static final int DELTAS = 64;
    static final Duration PACE = Duration.ofMillis(20);

    private static final byte[] HEAD =
            ascii("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    private static final byte[][] EVENTS = events();

    private final ServerSocket server;
    private final DelayQueue<Answer> answers = new DelayQueue<>();
    private final Thread writer =
            Thread.ofPlatform().daemon().name("paced-upstream").unstarted(this::write);

    PacedUpstream() {
        try {
            server = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        writer.start();
        Thread.ofVirtual().name("paced-upstream-accept").start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/v1");
    }

    @Override
    public void close() throws IOException {
        server.close();
        writer.interrupt();
    }

    private static byte[][] events() {
        byte[][] events = new byte[DELTAS + 1][];
        for (int i = 0; i < DELTAS; i++) {
            events[i] = chunk(event("{\"content\":\"" + Numbered.word(i) + "\"}", "null"));
        }
        events[DELTAS] =
                ascii(new String(chunk(event("{}", "\"stop\"") + "data: [DONE]\n\n"), StandardCharsets.US_ASCII)
                        + "0\r\n\r\n");
        return events;
    }

    private static String event(String delta, String finish) {
        return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"paced\","
                + "\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}]}\n\n";
    }

    private static byte[] chunk(String text) {
        return ascii(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().name("paced-upstream-connection").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (readRequest(in)) {
                Answer answer = new Answer(socket.getOutputStream());
                answers.add(answer);
                answer.done.join();
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private static boolean readRequest(InputStream in) throws IOException {
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, "content-length:".length())) {
                length = Integer.parseInt(
                        line.substring("content-length:".length()).strip());
            }
        }
        return in.readNBytes(length).length == length && length > 0;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private void write() {
        try {
            while (true) {
                Answer answer = answers.take();
                if (answer.writeNext()) {
                    answers.add(answer);
                }
            }
        } catch (InterruptedException e) {
            // It was closed.
        }
    }

    private static final class Answer implements Delayed {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final OutputStream out;
        private int next;
        private long due = System.nanoTime();

        Answer(OutputStream out) {
            this.out = out;
        }

        /** Write the next event; tells whether another one follows. */
        boolean writeNext() {
            try {
                if (next == 0) {
                    out.write(HEAD);
                }
                out.write(EVENTS[next++]);
                due += PACE.toNanos();
            } catch (IOException e) {
                next = EVENTS.length;
            }
            if (next < EVENTS.length) {
                return true;
            }
            done.complete(null);
            return false;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(due - ((Answer) other).due, 0);
        }
    }
}
