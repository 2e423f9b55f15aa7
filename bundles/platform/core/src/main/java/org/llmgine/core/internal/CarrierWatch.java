package org.llmgine.core.internal;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.llmgine.bus.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets more virtual threads run at a time when those that run let no other one in: plugin code that computes without a pause
 * holds its processor, and as many such as there are processors would freeze the host.
 *
 * <p>A virtual thread is started that says so when it runs. Rounds of the timer are counted, not time, so that a process that
 * was stopped for a while isn't taken for one that is frozen. What was added is taken back after a quiet time, which is longer
 * each time: mere load can look alike, and who spins on would freeze the host again.
 */
final class CarrierWatch implements HostTimer.Watch {
    static final int PATIENT_ROUNDS = 5;
    static final int QUIET_ROUNDS = 600;

    private static final Logger LOG = LoggerFactory.getLogger(CarrierWatch.class);
    private static final int MOST_QUIET_ROUNDS = 36_000;
    /** More than that helps nobody: the processors are shared by all of them. */
    private static final int MOST_ADDED = 16;

    private final Consumer<Runnable> starter;
    private final IntUnaryOperator change;
    private volatile boolean ran = true;
    private int rounds;
    private int added;
    private int quiet;
    private int quietNeeded = QUIET_ROUNDS;

    /** Watch the JDK's own scheduler. */
    CarrierWatch() {
        this(Thread::startVirtualThread, CarrierWatch::changeParallelism);
    }

    /**
     * Watch.
     *
     * @param starter runs work on a virtual thread
     * @param change lets so many more virtual threads run at a time, and tells how many may
     */
    CarrierWatch(Consumer<Runnable> starter, IntUnaryOperator change) {
        this.starter = starter;
        this.change = change;
    }

    /** Look, on the timer's thread: all others may be waiting. */
    @Override
    public boolean isDue(long nanoTime) {
        if (ran) {
            ran = false;
            rounds = 0;
            starter.accept(() -> ran = true);
            takeBack();
        } else if (++rounds >= PATIENT_ROUNDS && added < MOST_ADDED) {
            add();
        }
        return false;
    }

    private void add() {
        rounds = 0;
        quiet = 0;
        quietNeeded = Math.min(MOST_QUIET_ROUNDS, 2 * quietNeeded);
        added++;
        LOG.warn(
                "Threads wait because others compute without a pause: up to {} run at a time from now on.",
                change.applyAsInt(1));
    }

    private void takeBack() {
        if (added > 0 && ++quiet >= quietNeeded) {
            quiet = 0;
            added--;
            LOG.info("No thread has waited long for a while: up to {} run at a time again.", change.applyAsInt(-1));
        }
    }

    @Override
    public void act() {
        // Never due.
    }

    private static int changeParallelism(int by) {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            ObjectName scheduler = new ObjectName("jdk.management:type=VirtualThreadScheduler");
            int changed = (int) server.getAttribute(scheduler, "Parallelism") + by;
            server.setAttribute(scheduler, new Attribute("Parallelism", changed));
            if (by > 0) {
                takeOnCarrier();
            }
            return changed;
        } catch (JMException e) {
            throw new IllegalStateException("The JDK's scheduler of virtual threads can't be changed.", e);
        }
    }

    /**
     * Make the scheduler take on a carrier. It does when work comes into a queue that is empty; a thread's queue is its own, and
     * this one's holds what waits for a carrier.
     */
    private static void takeOnCarrier() {
        Thread.ofPlatform().daemon().name("llmgine-carrier").start(() -> Thread.startVirtualThread(() -> {}));
    }
}
