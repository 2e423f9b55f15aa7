package org.llmgine.core.internal;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.llmgine.core.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets more virtual threads run at a time when those that run let no other one in: plugin code that computes without a pause
 * holds its processor, and as many such as there are processors would freeze the host.
 *
 * <p>A virtual thread is started that says so when it runs. Rounds of the timer are counted, not time, so that a process that
 * was stopped for a while isn't taken for one that is frozen.
 */
final class CarrierWatch implements HostTimer.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(CarrierWatch.class);
    private static final int PATIENT_ROUNDS = 5;
    /** More than that helps nobody: the processors are shared by all of them. */
    private static final int MOST_ADDED = 16;

    private final Consumer<Runnable> starter;
    private final IntSupplier addOne;
    private volatile boolean ran = true;
    private int rounds;
    private int added;

    /** Watch the JDK's own scheduler. */
    CarrierWatch() {
        this(Thread::startVirtualThread, CarrierWatch::addCarrier);
    }

    /**
     * Watch.
     *
     * @param starter runs work on a virtual thread
     * @param addOne lets one more virtual thread run at a time, and tells how many may
     */
    CarrierWatch(Consumer<Runnable> starter, IntSupplier addOne) {
        this.starter = starter;
        this.addOne = addOne;
    }

    /** Look, on the timer's thread: all others may be waiting. */
    @Override
    public boolean isDue(long nanoTime) {
        if (ran) {
            ran = false;
            rounds = 0;
            starter.accept(() -> ran = true);
        } else if (++rounds >= PATIENT_ROUNDS && added < MOST_ADDED) {
            rounds = 0;
            added++;
            LOG.warn(
                    "Threads wait because others compute without a pause: up to {} run at a time from now on.",
                    addOne.getAsInt());
        }
        return false;
    }

    @Override
    public void act() {
        // Never due.
    }

    private static int addCarrier() {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            ObjectName scheduler = new ObjectName("jdk.management:type=VirtualThreadScheduler");
            int more = (int) server.getAttribute(scheduler, "Parallelism") + 1;
            server.setAttribute(scheduler, new Attribute("Parallelism", more));
            return more;
        } catch (JMException e) {
            throw new IllegalStateException("The JDK's scheduler of virtual threads can't be changed.", e);
        }
    }
}
