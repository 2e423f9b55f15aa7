package org.llmgine.itest.host;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks one question after the other, and notes every answer that is neither whole nor a 503 that says when to retry. */
final class Prober implements AutoCloseable {
    private final List<String> unexpected = new CopyOnWriteArrayList<>();
    private final AtomicInteger served = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;

    Prober(Host host, String model) {
        thread = Thread.ofVirtual().start(() -> {
            while (!closed) {
                try (ChatStream stream = host.api().open(model, "go")) {
                    problemWith(stream).ifPresent(unexpected::add);
                    if (stream.status() == 200) {
                        served.incrementAndGet();
                    }
                } catch (RuntimeException e) {
                    unexpected.add(e.toString());
                }
            }
        });
    }

    /** Return what is wrong with an answer, if anything. */
    static Optional<String> problemWith(ChatStream stream) {
        ChatStream.Answer answer = stream.readAll();
        boolean asksToRetry = stream.status() == 503
                && stream.header("Retry-After").orElse("").matches("[1-9]\\d*");
        return answer.isWhole() || asksToRetry ? Optional.empty() : Optional.of(answer.toString());
    }

    List<String> unexpected() {
        return unexpected;
    }

    int served() {
        return served.get();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
