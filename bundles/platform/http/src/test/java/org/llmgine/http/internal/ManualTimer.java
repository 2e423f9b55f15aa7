package org.llmgine.http.internal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.llmgine.bus.HostTimer;

/** A timer whose rounds the test makes; the work is done on the test's thread. */
final class ManualTimer implements HostTimer {
    private final List<Watch> watches = new CopyOnWriteArrayList<>();

    @Override
    public Registration watch(Watch watch) {
        watches.add(watch);
        return () -> watches.remove(watch);
    }

    /** Make one round at a time that is later than now. */
    void roundIn(Duration later) {
        roundAt(System.nanoTime() + later.toNanos());
    }

    /** Make one round at a time of {@link System#nanoTime()}. */
    void roundAt(long time) {
        for (Watch watch : watches) {
            if (watch.isDue(time)) {
                watch.act();
            }
        }
    }

    /** How many streams are watched; the watches of connections and certificates are no streams. */
    long heartbeats() {
        return watches.stream()
                .filter(watch -> !(watch instanceof Connections || watch instanceof TlsListener))
                .count();
    }
}
