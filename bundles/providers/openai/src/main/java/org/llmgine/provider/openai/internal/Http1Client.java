package org.llmgine.provider.openai.internal;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one address over HTTP/1.1, on the thread that asks: no other one stands between it and the socket.
 * docs/decisions/0007 says what that saves. Connections are used again.
 */
final class Http1Client implements AutoCloseable {
    private static final int MOST_IDLE = 1024;
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);
    private static final int MOST_LOOKED_AT = 4;
    /** How long the end of an answer may take that was read as far as it matters. */
    static final Duration REST_LIMIT = Duration.ofSeconds(2);
    /** How soon a request fails that met a closed connection. */
    static final Duration CLOSED_LIMIT = Duration.ofSeconds(1);

    private final String host;
    private final int port;
    private final @Nullable SSLSocketFactory tls;
    private final Duration connectTimeout;
    private final Duration restLimit;
    private final Duration closedLimit;
    private final String head;

    /** What was used last comes first; guards what follows. */
    private final Deque<Idle> idle = new ArrayDeque<>();

    private @Nullable CompletableFuture<@Nullable Void> cleaning;
    private boolean closed;

    private record Idle(Http1Answer last, long since) {}

    /**
     * Make a client; it connects when it is asked.
     *
     * @param template the request without its body: address and headers
     * @param tls for an address whose scheme is https
     * @param restLimit usually {@link #REST_LIMIT}
     * @param closedLimit usually {@link #CLOSED_LIMIT}
     */
    Http1Client(
            HttpRequest template,
            SSLSocketFactory tls,
            Duration connectTimeout,
            Duration restLimit,
            Duration closedLimit) {
        URI uri = template.uri();
        boolean secure = uri.getScheme().equalsIgnoreCase("https");
        this.host = uri.getHost();
        this.port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
        this.tls = secure ? tls : null;
        this.connectTimeout = connectTimeout;
        this.restLimit = restLimit;
        this.closedLimit = closedLimit;
        StringBuilder text = new StringBuilder("POST ").append(uri.getRawPath());
        if (uri.getRawQuery() != null) {
            text.append('?').append(uri.getRawQuery());
        }
        text.append(" HTTP/1.1\r\nHost: ").append(uri.getRawAuthority()).append("\r\n");
        template.headers()
                .map()
                .forEach((name, values) -> values.forEach(
                        value -> text.append(name).append(": ").append(value).append("\r\n")));
        this.head = text.append("Content-Length: ").toString();
    }

    /**
     * Send a request and wait for the answer's head.
     *
     * @throws IOException also when the thread is interrupted, which it still is then
     */
    HttpAnswer send(byte[] body) throws IOException {
        byte[] start = (head + body.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] request = new byte[start.length + body.length];
        System.arraycopy(start, 0, request, 0, start.length);
        System.arraycopy(body, 0, request, start.length, body.length);
        Http1Connection former = reuse();
        if (former != null) {
            long sent = System.nanoTime();
            try {
                return exchange(former, request);
            } catch (IOException e) {
                // Else the back-end closed it just when it was asked again, and knows of no request.
                if (former.hasAnswered()
                        || Thread.currentThread().isInterrupted()
                        || System.nanoTime() - sent > closedLimit.toNanos()) {
                    throw e;
                }
            }
        }
        return exchange(Http1Connection.open(host, port, tls, connectTimeout), request);
    }

    private HttpAnswer exchange(Http1Connection connection, byte[] request) throws IOException {
        boolean begun = false;
        try {
            IOException failure = null;
            try {
                connection.write(request);
            } catch (IOException e) {
                // Who doesn't want to read it all may have said why.
                failure = e;
            }
            try {
                HttpAnswer answer = Http1Answer.await(connection, failure == null, this::giveBack);
                begun = true;
                return answer;
            } catch (IOException e) {
                throw failure == null ? e : failure;
            }
        } finally {
            if (!begun) {
                connection.cut();
            }
        }
    }

    private @Nullable Http1Connection reuse() throws IOException {
        List<Idle> unfinished = new ArrayList<>(0);
        try {
            while (unfinished.size() < MOST_LOOKED_AT) {
                Idle next;
                synchronized (idle) {
                    if (closed) {
                        throw new IOException("The client is closed.");
                    }
                    next = idle.pollFirst();
                }
                if (next == null) {
                    return null;
                }
                switch (next.last().rest()) {
                    case OVER -> {
                        return next.last().connection();
                    }
                    case TO_COME -> unfinished.add(next);
                    case BROKEN -> next.last().connection().cut();
                }
            }
            return null;
        } finally {
            unfinished.reversed().forEach(this::keep);
        }
    }

    private void giveBack(Http1Answer answer) {
        keep(new Idle(answer, System.nanoTime()));
    }

    /** Put it with the others, the youngest first. */
    private void keep(Idle one) {
        synchronized (idle) {
            if (!closed && idle.size() < MOST_IDLE) {
                if (idle.isEmpty() || idle.peekFirst().since() - one.since() <= 0) {
                    idle.addFirst(one);
                } else {
                    idle.addLast(one);
                }
                cleanLater();
                return;
            }
        }
        one.last().connection().cut();
    }

    private void cleanLater() {
        if (cleaning == null) {
            cleaning = new CompletableFuture<@Nullable Void>()
                    .completeOnTimeout(null, restLimit.toMillis(), TimeUnit.MILLISECONDS);
            cleaning.thenRunAsync(this::clean);
        }
    }

    /** Cut what nobody has used for long, and what didn't come to its end. */
    private void clean() {
        long now = System.nanoTime();
        List<Idle> aged = new ArrayList<>();
        synchronized (idle) {
            cleaning = null;
            while (!idle.isEmpty() && now - idle.getLast().since() >= restLimit.toNanos()) {
                aged.add(idle.removeLast());
            }
            if (!idle.isEmpty()) {
                cleanLater();
            }
        }
        for (Idle one : aged.reversed()) {
            if (now - one.since() < IDLE_LIMIT.toNanos() && one.last().rest() == Http1Answer.Rest.OVER) {
                keep(one);
            } else {
                one.last().connection().cut();
            }
        }
    }

    /** Take no new request; open answers go on, and their connections end with them. */
    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            if (cleaning != null) {
                cleaning.cancel(false);
            }
            idle.forEach(one -> one.last().connection().cut());
            idle.clear();
        }
    }
}
