package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class InstanceTest {
    private final Instance<String> instance = new Instance<>(
            new TestHost().origin("engine", "chat", "chat", "1.0.0"),
            "service",
            Optional.empty(),
            new Figures(new MetricRegistry(), "engine", "chat", "chat"));

    @Test
    void aDrainingInstanceGivesNoLeaseAndIsIdleAfterTheLast() throws Exception {
        assertThat(instance.acquire()).isTrue();
        AtomicBoolean idle = new AtomicBoolean();
        instance.drain(() -> idle.set(true));

        assertThat(instance.acquire()).isFalse();
        assertThat(idle).isFalse();
        assertThat(instance.leases()).isEqualTo(1);
        assertThat(instance.awaitIdle(Duration.ZERO)).isFalse();
        instance.release();
        assertThat(idle).isTrue();
        assertThat(instance.awaitIdle(Duration.ZERO)).isTrue();
    }

    @RepeatedTest(200)
    void aLeaseAndADrainThatRaceNeverBothWin() throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        AtomicBoolean inUse = new AtomicBoolean();
        CompletableFuture<Void> caller = CompletableFuture.runAsync(
                () -> {
                    meet(start);
                    if (instance.acquire()) {
                        inUse.set(true);
                        Thread.yield();
                        inUse.set(false);
                        instance.release();
                    }
                },
                Thread::startVirtualThread);
        meet(start);
        instance.drain(() -> {});

        assertThat(instance.awaitIdle(Duration.ofSeconds(10))).isTrue();
        assertThat(inUse).isFalse();
        caller.join();
        assertThat(instance.leases()).isZero();
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
