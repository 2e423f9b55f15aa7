package org.llmgine.core.internal;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
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
 * <p>In each round of the timer a virtual thread is started that says so when it runs. Rounds are counted, not time, so that a
 * process that was stopped for a while isn't taken for one that is frozen. Mere load can look alike, and on a busy processor
 * more at a time are slower: so what was added is taken back as soon as fewer than that many run at any moment.
 */
final class CarrierWatch implements HostTimer.Watch {
    static final int PATIENT_ROUNDS = 5;
    static final int WINDOW_ROUNDS = 20;

    /** More than that helps nobody: the processors are shared by all of them. */
    static final int MOST_ADDED = 16;

    private static final Logger LOG = LoggerFactory.getLogger(CarrierWatch.class);
    private static final int MOST_WAITING = 100;

    private final Consumer<Runnable> starter;
    private final Carriers carriers;
    private final AtomicLong ran = new AtomicLong();
    private long started;
    private long ranBefore;
    private int rounds;
    private int added;
    private int window;
    private int leastRunning = Integer.MAX_VALUE;

    /** What virtual threads run on. */
    interface Carriers {
        /** Return how many may run at a time. */
        int most();

        /** Let so many run at a time. */
        void setMost(int most);

        /** Return how many run now. */
        int running();
    }

    /** Watch the JDK's own scheduler. */
    CarrierWatch() {
        this(Thread::startVirtualThread, new JdkCarriers());
    }

    /**
     * Watch.
     *
     * @param starter runs work on a virtual thread
     */
    CarrierWatch(Consumer<Runnable> starter, Carriers carriers) {
        this.starter = starter;
        this.carriers = carriers;
    }

    /** Look, on the timer's thread: all others may be waiting. */
    @Override
    public boolean isDue(long nanoTime) {
        long ranNow = ran.get();
        if (ranNow != ranBefore || ranNow == started) {
            ranBefore = ranNow;
            rounds = 0;
        } else if (++rounds >= PATIENT_ROUNDS && added < MOST_ADDED) {
            add();
        }
        if (started - ranNow < MOST_WAITING) {
            started++;
            starter.accept(ran::incrementAndGet);
        }
        if (added > 0) {
            takeBack();
        }
        return false;
    }

    private void add() {
        rounds = 0;
        startWindow();
        added++;
        int most = carriers.most() + 1;
        carriers.setMost(most);
        LOG.warn(
                "Threads wait, because others compute without a pause or there is too much to do: up to {} run at a time"
                        + " from now on.",
                most);
    }

    /** Who computes without a pause runs at every moment: beside as many as that, one more must find a place. */
    private void takeBack() {
        leastRunning = Math.min(leastRunning, carriers.running());
        if (++window < WINDOW_ROUNDS) {
            return;
        }
        int before = carriers.most() - added;
        int needed = Math.max(0, leastRunning - before + 1);
        startWindow();
        if (needed < added) {
            added = needed;
            carriers.setMost(before + added);
            LOG.info("No thread has computed without a pause: up to {} run at a time again.", before + added);
        }
    }

    private void startWindow() {
        window = 0;
        leastRunning = Integer.MAX_VALUE;
    }

    @Override
    public void act() {
        // Never due.
    }

    /** The JDK's, by its management bean. */
    private static final class JdkCarriers implements Carriers {
        private static final String MOST = "Parallelism";

        private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

        @Override
        public int most() {
            return get(MOST);
        }

        @Override
        public int running() {
            return get("MountedVirtualThreadCount");
        }

        @Override
        public void setMost(int most) {
            boolean more = most > most();
            try {
                server.setAttribute(name(), new Attribute(MOST, most));
            } catch (JMException e) {
                throw unknown(e);
            }
            if (more) {
                takeOnCarrier();
            }
        }

        private int get(String attribute) {
            try {
                return (int) server.getAttribute(name(), attribute);
            } catch (JMException e) {
                throw unknown(e);
            }
        }

        private static ObjectName name() throws JMException {
            return new ObjectName("jdk.management:type=VirtualThreadScheduler");
        }

        private static IllegalStateException unknown(JMException cause) {
            return new IllegalStateException("The JDK's scheduler of virtual threads can't be watched.", cause);
        }

        /**
         * Make the scheduler take on a carrier. It does when work comes into a queue that is empty; a thread's queue is its
         * own, and this one's holds what waits for a carrier.
         */
        private static void takeOnCarrier() {
            Thread.ofPlatform().daemon().name("llmgine-carrier").start(() -> Thread.startVirtualThread(() -> {}));
        }
    }
}
