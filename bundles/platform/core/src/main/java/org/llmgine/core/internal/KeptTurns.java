package org.llmgine.core.internal;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.bus.HostTimer;

/** Keeps turns that are over, with their events, for a while and as far as there is room; the oldest go first, the last one stays. Thread-safe. */
final class KeptTurns implements HostTimer.Watch {
    private final Supplier<Settings> settings;
    private final HostTimer timer;
    private final LongSupplier nanoClock;
    private final Consumer<LiveTurn> forgotten;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private long bytes;
    private HostTimer.@Nullable Registration watching;

    private record Kept(LiveTurn turn, long bytes, long since) {}

    /**
     * Make a keeper.
     *
     * @param forgotten is told of each turn that is kept no longer
     */
    KeptTurns(Supplier<Settings> settings, HostTimer timer, LongSupplier nanoClock, Consumer<LiveTurn> forgotten) {
        this.settings = settings;
        this.timer = timer;
        this.nanoClock = nanoClock;
        this.forgotten = forgotten;
    }

    synchronized void add(LiveTurn turn) {
        Kept entry = new Kept(turn, turn.log().bytes(), nanoClock.getAsLong());
        kept.add(entry);
        bytes += entry.bytes;
        trim();
    }

    /** Forget the turns of a session that is gone. */
    synchronized void remove(String session) {
        kept.stream().filter(entry -> entry.turn.session().equals(session)).forEach(this::forget);
        kept.removeIf(entry -> entry.turn.session().equals(session));
        trim();
    }

    @Override
    public synchronized boolean isDue(long nanoTime) {
        Kept oldest = kept.peek();
        return oldest != null && isOld(oldest, nanoTime);
    }

    @Override
    public synchronized void act() {
        trim();
    }

    private void trim() {
        long now = nanoClock.getAsLong();
        Kept oldest;
        while ((oldest = kept.peek()) != null
                && (isOld(oldest, now)
                        || (kept.size() > 1 && bytes > settings.get().sessions().keptLogsMaxBytes()))) {
            kept.remove();
            forget(oldest);
        }
        if (kept.isEmpty() && watching != null) {
            watching.close();
            watching = null;
        } else if (!kept.isEmpty() && watching == null) {
            watching = timer.watch(this);
        }
    }

    private boolean isOld(Kept entry, long nanoTime) {
        return nanoTime - entry.since > settings.get().sessions().logKeep().toNanos();
    }

    private void forget(Kept entry) {
        bytes -= entry.bytes;
        forgotten.accept(entry.turn);
    }

    /** Forget all. */
    synchronized void close() {
        kept.forEach(this::forget);
        kept.clear();
        trim();
    }
}
