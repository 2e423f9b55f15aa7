package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.llmgine.bus.HostTimer;

class RoundTimerTest {
    private final RoundTimer timer = new RoundTimer(false);

    @Test
    void whatIsDueActsOnAVirtualThreadAndNeverTwiceAtOnce() throws Exception {
        SynchronousQueue<Thread> acting = new SynchronousQueue<>();
        AtomicInteger asked = new AtomicInteger();
        timer.watch(watch(
                now -> {
                    asked.incrementAndGet();
                    return now >= 10;
                },
                () -> put(acting)));

        timer.round(9);
        assertThat(acting.poll()).isNull();
        timer.round(10);
        timer.round(11);
        timer.round(12);
        assertThat(acting.poll(10, TimeUnit.SECONDS)).returns(true, Thread::isVirtual);
        assertThat(asked).hasValue(2);
        assertThat(acting.poll()).isNull();
        TestBus.await(() -> {
            timer.round(13);
            return asked.get() > 2;
        });
        assertThat(acting.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void aClosedRegistrationIsAskedNoMore() {
        AtomicInteger asked = new AtomicInteger();
        HostTimer.Registration registration = timer.watch(watch(
                now -> {
                    asked.incrementAndGet();
                    return false;
                },
                () -> {}));
        timer.round(1);
        registration.close();
        registration.close();
        timer.round(2);

        assertThat(asked).hasValue(1);
    }

    @Test
    void aFailingWatchHarmsNoOther() throws Exception {
        CountDownLatch acted = new CountDownLatch(2);
        timer.watch(watch(
                now -> {
                    throw new IllegalStateException("on purpose");
                },
                () -> {}));
        timer.watch(watch(
                now -> {
                    throw new NoClassDefFoundError("on purpose");
                },
                () -> {}));
        timer.watch(watch(now -> true, () -> {
            acted.countDown();
            throw new NoClassDefFoundError("on purpose");
        }));

        TestBus.await(() -> {
            timer.round(1);
            return acted.getCount() == 0;
        });
    }

    @Test
    void itsOwnThreadSleepsUntilThereIsAWatchAndEndsWithIt() throws Exception {
        Set<Thread> others = threads();
        RoundTimer running = new RoundTimer();
        Set<Thread> own = threads();
        own.removeAll(others);
        Thread thread = own.iterator().next();
        TestBus.await(() -> thread.getState() == Thread.State.WAITING);

        CountDownLatch acted = new CountDownLatch(1);
        HostTimer.Registration registration = running.watch(watch(now -> true, acted::countDown));
        assertThat(acted.await(10, TimeUnit.SECONDS)).isTrue();
        registration.close();
        TestBus.await(() -> thread.getState() == Thread.State.WAITING);

        running.close();
        assertThat(thread.join(java.time.Duration.ofSeconds(10))).isTrue();
    }

    /** Find the timers' threads, of which those of former tests may be about to end. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("llmgine-timer"))
                .collect(Collectors.toSet());
    }

    private static void put(SynchronousQueue<Thread> queue) {
        try {
            queue.put(Thread.currentThread());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HostTimer.Watch watch(LongPredicate due, Runnable act) {
        return new HostTimer.Watch() {
            @Override
            public boolean isDue(long nanoTime) {
                return due.test(nanoTime);
            }

            @Override
            public void act() {
                act.run();
            }
        };
    }
}
