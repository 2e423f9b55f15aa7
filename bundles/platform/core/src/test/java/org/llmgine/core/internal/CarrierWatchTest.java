package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.llmgine.bus.internal.RoundTimer;

class CarrierWatchTest {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final AtomicInteger carriers = new AtomicInteger(1);
    private final CarrierWatch watch = new CarrierWatch(waiting::add, carriers::addAndGet);

    @Test
    void oneMoreRunsAfterSomeRoundsInWhichNobodyCameToRun() {
        rounds(5);
        assertThat(carriers).hasValue(1);

        rounds(1);
        assertThat(carriers).hasValue(2);
        rounds(5);
        assertThat(carriers).hasValue(3);
        assertThat(waiting).hasSize(1);
    }

    @Test
    void whoRunsInTimeAddsNone() {
        for (int i = 0; i < 20; i++) {
            rounds(4);
            waiting.remove().run();
        }
        assertThat(carriers).hasValue(1);
    }

    @Test
    void whatWasAddedIsTakenBackAfterAQuietTimeWhichIsLongerEachTime() {
        for (int needed : new int[] {1200, 2400, 4800}) {
            rounds(6);
            assertThat(carriers).hasValue(2);

            quietRounds(needed - 1);
            assertThat(carriers).hasValue(2);
            quietRounds(1);
            assertThat(carriers).hasValue(1);
        }
    }

    @Test
    void thereIsAnEndToIt() {
        rounds(1000);

        assertThat(carriers).hasValue(17);
    }

    @Test
    void threadsThatNeverPauseKeepNoOtherFromRunning() throws Exception {
        RoundTimer timer = new RoundTimer();
        AtomicBoolean spinning = new AtomicBoolean(true);
        CountDownLatch ran = new CountDownLatch(1);
        try (var watching = timer.watch(new CarrierWatch())) {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                Thread.startVirtualThread(() -> {
                    while (spinning.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            Thread.startVirtualThread(ran::countDown);

            assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            spinning.set(false);
            timer.close();
        }
    }

    private void quietRounds(int count) {
        for (int i = 0; i < count; i++) {
            waiting.remove().run();
            rounds(1);
        }
    }

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(watch.isDue(i)).isFalse();
        }
    }
}
