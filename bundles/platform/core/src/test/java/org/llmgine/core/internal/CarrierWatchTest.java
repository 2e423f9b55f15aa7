package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.llmgine.bus.internal.RoundTimer;

class CarrierWatchTest {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final FakeCarriers carriers = new FakeCarriers();
    private final CarrierWatch watch = new CarrierWatch(waiting::add, carriers);

    private static final class FakeCarriers implements CarrierWatch.Carriers {
        private int most = 1;
        private int running = 1;

        @Override
        public int most() {
            return most;
        }

        @Override
        public void setMost(int to) {
            most = to;
        }

        @Override
        public int running() {
            return running;
        }
    }

    @Test
    void oneMoreRunsAfterSomeRoundsInWhichNobodyCameToRun() {
        rounds(5);
        assertThat(carriers.most).isEqualTo(1);

        rounds(1);
        assertThat(carriers.most).isEqualTo(2);
        rounds(5);
        assertThat(carriers.most).isEqualTo(3);
    }

    @Test
    void whoRunsInTimeAddsNone() {
        for (int i = 0; i < 20; i++) {
            rounds(4);
            waiting.remove().run();
        }
        assertThat(carriers.most).isEqualTo(1);
    }

    @Test
    void whoRunsLateButInTurnAddsNone() {
        rounds(4);
        for (int i = 0; i < 100; i++) {
            rounds(1);
            waiting.remove().run();
        }
        assertThat(waiting).hasSize(4);
        assertThat(carriers.most).isEqualTo(1);
    }

    @Test
    void whatWasAddedStaysForAsLongAsSomebodyComputesWithoutAPause() {
        rounds(6);
        carriers.running = 2;
        quietRounds(CarrierWatch.WINDOW_ROUNDS - 1);
        carriers.running = 1;
        quietRounds(10 * CarrierWatch.WINDOW_ROUNDS);
        assertThat(carriers.most).isEqualTo(2);
    }

    @Test
    void whatWasAddedIsTakenBackAsSoonAsNobodyRunsForAMoment() {
        rounds(11);
        assertThat(carriers.most).isEqualTo(3);
        carriers.running = 3;
        quietRounds(5);
        carriers.running = 0;
        quietRounds(1);
        carriers.running = 3;
        quietRounds(CarrierWatch.WINDOW_ROUNDS);

        assertThat(carriers.most).isEqualTo(1);
    }

    @Test
    void onlyWhatIsNotNeededIsTakenBack() {
        carriers.most = 2;
        carriers.running = 3;
        rounds(16);
        assertThat(carriers.most).isEqualTo(5);
        quietRounds(2 * CarrierWatch.WINDOW_ROUNDS);

        assertThat(carriers.most).isEqualTo(4);
    }

    @Test
    void thereIsAnEndToIt() {
        carriers.running = 100;
        rounds(1000);

        assertThat(carriers.most).isEqualTo(1 + CarrierWatch.MOST_ADDED);
        assertThat(waiting).hasSize(100);
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
            waiting.forEach(Runnable::run);
            waiting.clear();
            rounds(1);
        }
    }

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(watch.isDue(i)).isFalse();
        }
    }
}
