package org.llmgine.itest.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients at a time, each reading streams of a {@link PacedUpstream} one after the other over one connection. They begin spread
 * over the length of a stream, so that from then on all are in the midst of one.
 *
 * @param base where they ask
 * @param key the key; empty for none
 * @param model the model's name there
 */
record PacedCrowd(URI base, String key, String model) {
    static final Duration GAP = Duration.ofMillis(200);

    private static final byte[] CONTENT = "\"content\":\"w".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "[DONE]\n\n\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /**
     * What they saw.
     *
     * @param whole how many streams came whole
     * @param gaps how many deltas came more than {@link #GAP} after the one before
     * @param firstNanos the time from each request to its first delta, sorted
     */
    record Seen(int whole, int gaps, List<Long> firstNanos) {
        Duration first(double share) {
            return Duration.ofNanos(firstNanos.get((int) (share * (firstNanos.size() - 1))));
        }
    }

    Seen run(int clients, int streamsEach) throws Exception {
        long length = PacedUpstream.PACE.toNanos() * PacedUpstream.DELTAS;
        long begin = System.nanoTime();
        AtomicInteger number = new AtomicInteger();
        try (Crowd<Client> crowd = Crowd.of(clients, () -> {
            LockSupport.parkNanos(begin + length * number.getAndIncrement() / clients - System.nanoTime());
            try (Client client = new Client()) {
                for (int i = 0; i < streamsEach; i++) {
                    client.read();
                }
                return client;
            }
        })) {
            int whole = 0;
            int gaps = 0;
            List<Long> firsts = new ArrayList<>();
            for (Client client : crowd.results()) {
                whole += client.whole;
                gaps += client.gaps;
                firsts.addAll(client.firsts);
            }
            firsts.sort(null);
            return new Seen(whole, gaps, firsts);
        }
    }

    /** One client and its connection. */
    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket(base.getHost(), base.getPort());
        private final byte[] request;
        private final byte[] buffer = new byte[16_384];
        private final List<Long> firsts = new ArrayList<>();
        private int whole;
        private int gaps;

        Client() throws IOException {
            socket.setTcpNoDelay(true);
            String body = Api.question(model, "go").put("stream", true).toString();
            request = ("POST " + base.getPath() + "/chat/completions HTTP/1.1\r\nHost: " + base.getAuthority()
                            + "\r\nAuthorization: Bearer " + key
                            + "\r\nContent-Type: application/json\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body)
                    .getBytes(StandardCharsets.US_ASCII);
        }

        /** Ask and read one stream; a delta counts as come with the read that brings its begin. */
        void read() throws IOException {
            long asked = System.nanoTime();
            socket.getOutputStream().write(request);
            InputStream in = socket.getInputStream();
            int deltas = 0;
            int contentAt = 0;
            int endAt = 0;
            long last = 0;
            while (endAt < END.length) {
                int count = in.read(buffer);
                if (count < 0) {
                    return;
                }
                long now = System.nanoTime();
                int before = deltas;
                for (int i = 0; i < count && endAt < END.length; i++) {
                    contentAt = buffer[i] == CONTENT[contentAt] ? contentAt + 1 : buffer[i] == CONTENT[0] ? 1 : 0;
                    endAt = buffer[i] == END[endAt] ? endAt + 1 : buffer[i] == END[0] ? 1 : 0;
                    if (contentAt == CONTENT.length) {
                        contentAt = 0;
                        deltas++;
                    }
                }
                if (deltas > before) {
                    if (before == 0) {
                        firsts.add(now - asked);
                    } else if (now - last > GAP.toNanos()) {
                        gaps++;
                    }
                    last = now;
                }
            }
            whole += deltas == PacedUpstream.DELTAS ? 1 : 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
