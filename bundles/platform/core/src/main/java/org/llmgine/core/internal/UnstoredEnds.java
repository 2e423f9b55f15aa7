package org.llmgine.core.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.session.SessionTurn;

/** Keeps the ends of turns that the store could not take, and tries again until it does. Thread-safe. */
final class UnstoredEnds implements HostTimer.Watch {
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(2);

    private final HostTimer timer;
    private final LongSupplier nanoClock;
    private final Consumer<SessionTurn> work;
    private final Map<String, SessionTurn> ends = new LinkedHashMap<>();
    private HostTimer.@Nullable Registration watching;
    private long lastTry;

    /**
     * Make a keeper.
     *
     * @param work stores an end and has it removed here, or throws what may do better later
     */
    UnstoredEnds(HostTimer timer, LongSupplier nanoClock, Consumer<SessionTurn> work) {
        this.timer = timer;
        this.nanoClock = nanoClock;
        this.work = work;
    }

    synchronized void add(SessionTurn end) {
        ends.put(end.id(), end);
        lastTry = nanoClock.getAsLong();
        if (watching == null) {
            watching = timer.watch(this);
        }
    }

    synchronized void remove(SessionTurn end) {
        ends.remove(end.id());
        if (ends.isEmpty()) {
            unwatch();
        }
    }

    synchronized Optional<SessionTurn> find(String turnId) {
        return Optional.ofNullable(ends.get(turnId));
    }

    synchronized List<SessionTurn> of(String sessionId) {
        return ends.values().stream()
                .filter(end -> end.session().equals(sessionId))
                .toList();
    }

    @Override
    public synchronized boolean isDue(long nanoTime) {
        return nanoTime - lastTry >= BETWEEN_TRIES.toNanos();
    }

    @Override
    public void act() {
        List<SessionTurn> waiting;
        synchronized (this) {
            lastTry = nanoClock.getAsLong();
            waiting = new ArrayList<>(ends.values());
        }
        try {
            waiting.forEach(work);
        } catch (LlmgineException e) {
            // The store is still away, for the others too.
        }
    }

    /** Try a last time; what isn't stored then ends as interrupted at the next start. */
    void close() {
        act();
        synchronized (this) {
            unwatch();
        }
    }

    private void unwatch() {
        if (watching != null) {
            watching.close();
            watching = null;
        }
    }
}
