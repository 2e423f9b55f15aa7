package org.llmgine.store.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.bus.HostTimer;

/** Asks its watches when it is told to, on the caller's thread. */
final class ManualTimer implements HostTimer {
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    @Override
    public Registration watch(Watch watch) {
        watches.add(watch);
        return () -> watches.remove(watch);
    }

    int watches() {
        return watches.size();
    }

    void round(long nanoTime) {
        for (Watch watch : watches) {
            if (watch.isDue(nanoTime)) {
                watch.act();
            }
        }
    }
}
