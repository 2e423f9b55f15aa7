package org.llmgine.core.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;

/**
 * Waits until everybody was told of the changes in Configuration Admin so far.
 *
 * <p>It tells its listeners of one change after the other, and of each in no order: so whoever has seen a later change knows that
 * all have seen this one. Declarative Services counts a configuration's changes and passes over one that seems to be old: it
 * must have seen a configuration go before it is made anew, and a change before the next one.
 */
final class ToldChanges {
    private static final String LATER = CoreSettings.PID + ".told";
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final ConfigurationAdmin admin;
    private volatile CountDownLatch told = new CountDownLatch(0);

    ToldChanges(ConfigurationAdmin admin) {
        this.admin = admin;
    }

    /** Wait for a limited time: a component may take its time over a change. Not for several threads at once. */
    void await() throws IOException {
        CountDownLatch now = new CountDownLatch(1);
        told = now;
        // It is left: whoever is told of it may look at it.
        admin.getConfiguration(LATER, "?").update(FrameworkUtil.asDictionary(Map.of(StoredSettings.MARK, true)));
        try {
            boolean ignored = now.await(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Look at what Configuration Admin tells. */
    void see(ConfigurationEvent event) {
        if (event.getType() == ConfigurationEvent.CM_UPDATED && event.getPid().equals(LATER)) {
            told.countDown();
        }
    }
}
