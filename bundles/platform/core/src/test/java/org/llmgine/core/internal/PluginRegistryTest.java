package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;

class PluginRegistryTest {
    private static final Engine ENGINE = (turn, emitter) -> TurnOutcome.completed("stop");
    private static final Duration LONG = Duration.ofSeconds(30);

    private final TestHost host = new TestHost();
    private final PluginRegistry<Engine> registry = host.engines;
    private final Cancellation cancellation = new Cancellation();

    @Test
    void theNewestVersionGetsTheLeasesAndTheOlderOneComesBackWhenItGoes() {
        Instance<Engine> one = add("chat", "chat", "1.0.0");
        Instance<Engine> two = add("chat", "chat", "2.0.0");
        Instance<Engine> stale = add("chat", "chat", "1.5.0");

        assertThat(acquired("chat")).isSameAs(two);
        assertThat(TestHost.names(registry.list()))
                .containsExactly("chat 1.0.0 ready", "chat 1.5.0 ready", "chat 2.0.0 active");
        remove(two);
        assertThat(acquired("chat")).isSameAs(stale);
        remove(stale);
        assertThat(acquired("chat")).isSameAs(one);
    }

    @Test
    void ofTwoServicesOfOneVersionTheNewerServes() {
        Instance<Engine> former = add("chat", "chat", "1.0.0");
        Instance<Engine> reactivated = add("chat", "chat", "1.0.0");

        assertThat(acquired("chat")).isSameAs(reactivated);
        // The new one is there before the old one goes: it must stay.
        remove(former);
        assertThat(acquired("chat")).isSameAs(reactivated);
    }

    @Test
    void anInstanceThatOnlyTheFormerVersionHasGoesOnServing() {
        Instance<Engine> work = add("chat~work", "chat", "1.0.0");
        add("chat", "chat", "2.0.0");

        assertThat(acquired("chat~work")).isSameAs(work);
        assertThat(registry.names()).containsExactly("chat", "chat~work");
    }

    @Test
    void aNameBelongsToThePluginThatHadItFirst() {
        Instance<Engine> first = add("chat", "one", "1.0.0");
        Instance<Engine> second = add("chat", "two", "9.0.0");

        assertThat(acquired("chat")).isSameAs(first);
        assertThat(registry.list())
                .filteredOn(listed -> listed.state().equals("failed"))
                .singleElement()
                .returns(Optional.of("The name 'chat' is taken by the plugin 'one'."), PluginRegistry.Listed::problem);
        remove(first);
        assertThat(acquired("chat")).isSameAs(second);
    }

    @Test
    void anUnknownNameFailsAtOnceAndNamesWhatIsMeant() {
        add("tool-chat", "tool-chat", "1.0.0");

        assertThatThrownBy(() -> registry.acquire("tool-chta", LONG, cancellation))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
                    assertThat(e.hint()).contains("Did you mean 'tool-chat'?");
                });
        assertThatThrownBy(() -> registry.acquire("something-else", LONG, cancellation))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.hint()).contains("There are: tool-chat."));
    }

    @Test
    void aCallWaitsForTheSuccessor() throws Exception {
        remove(add("chat", "chat", "1.0.0"));

        CompletableFuture<Instance<Engine>> call = TestHost.async(() -> registry.acquire("chat", LONG, cancellation));
        Instance<Engine> successor = add("chat", "chat", "1.1.0");

        assertThat(call.get(10, TimeUnit.SECONDS)).isSameAs(successor);
        assertThat(successor.leases()).isEqualTo(1);
    }

    @Test
    void aCallForWhichNoSuccessorComesIsToldToComeBack() {
        remove(add("chat", "chat", "1.0.0"));

        assertThatThrownBy(() -> registry.acquire("chat", Duration.ofMillis(1), cancellation))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                    assertThat(e.retryAfter()).isPresent();
                });
    }

    @Test
    void aWaitingCallIsCancelled() {
        remove(add("chat", "chat", "1.0.0"));
        AtomicReference<Thread> waiter = new AtomicReference<>();
        CompletableFuture<Instance<Engine>> call = TestHost.async(() -> {
            waiter.set(Thread.currentThread());
            return registry.acquire("chat", LONG, cancellation);
        });
        TestHost.await(() -> waiter.get() != null && waiter.get().getState() == Thread.State.TIMED_WAITING);

        cancellation.cancel();

        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(LlmgineException.class)
                .hasMessageContaining("The caller left");
    }

    @Test
    void aWaitingCallCanBeInterrupted() throws Exception {
        remove(add("chat", "chat", "1.0.0"));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = Thread.ofVirtual().start(() -> {
            try {
                registry.acquire("chat", LONG, cancellation);
            } catch (LlmgineException e) {
                thrown.set(e);
            }
        });
        waiter.interrupt();
        waiter.join();

        assertThat(thrown.get())
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void aServiceThatIsLeftOutSaysWhyAtOnce() {
        Origin origin = host.origin("engine", "chat", "chat", "1.0.0");
        registry.addFailed(origin, "The setting limit must be a number.");

        assertThat(registry.isFailed("chat", origin.serviceId())).isTrue();
        assertThatThrownBy(() -> registry.acquire("chat", LONG, cancellation))
                .hasMessageContaining("The setting limit must be a number.")
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                    // No wait mends it.
                    assertThat(e.retryAfter()).isEmpty();
                });
        assertThat(registry.remove("chat", origin.serviceId())).isEmpty();
        assertThat(registry.list()).isEmpty();
        assertThat(registry.isFailed("other", 1)).isFalse();
    }

    @Test
    void whatDrainsIsListedUntilItsLastLeaseIsBack() {
        add("chat", "chat", "1.0.0");
        Instance<Engine> leased = acquired("chat");

        remove(leased);
        assertThat(leased.isDraining()).isTrue();
        assertThat(TestHost.names(registry.list())).containsExactly("chat 1.0.0 draining");
        leased.release();
        assertThat(registry.list()).isEmpty();
        assertThat(registry.remove("chat", 99)).isEmpty();
        assertThat(registry.remove("other", 99)).isEmpty();
    }

    @Test
    void whatIsGoneIsForgottenAfterAWhileWithItsFigures() {
        Instance<Engine> chat = add("chat", "chat", "1.0.0");
        assertThat(host.metrics.getNames()).isNotEmpty();
        remove(chat);
        remove(add("chat", "chat", "1.0.1"));

        host.timer.round(System.nanoTime());
        assertThat(host.metrics.getNames()).isNotEmpty();
        host.timer.round(System.nanoTime() + Duration.ofSeconds(61).toNanos());

        TestHost.await(() -> host.metrics.getNames().isEmpty());
        TestHost.await(() -> fails(ErrorCode.MODEL_NOT_FOUND));
    }

    @Test
    void whatCameBackIsNotForgotten() {
        remove(add("chat", "chat", "1.0.0"));
        add("chat", "chat", "1.0.1");
        AtomicBoolean asked = new AtomicBoolean();
        host.timer.watch(new HostTimer.Watch() {
            @Override
            public boolean isDue(long nanoTime) {
                return true;
            }

            @Override
            public void act() {
                asked.set(true);
            }
        });

        host.timer.round(System.nanoTime() + Duration.ofSeconds(61).toNanos());
        TestHost.await(asked::get);

        assertThat(acquired("chat").origin().version()).hasToString("1.0.1");
        assertThat(host.metrics.getNames()).isNotEmpty();
    }

    @Test
    void aStoppedBundlesNamesStayKnown() {
        host.waitingBundles.add(1L);
        remove(add("chat", "chat", "1.0.0"));
        host.timer.round(System.nanoTime() + Duration.ofSeconds(61).toNanos());

        TestHost.await(() -> host.metrics.getNames().isEmpty());
        assertThat(fails(ErrorCode.UNAVAILABLE)).isTrue();
    }

    @Test
    void aStoppedBundleThatIsUninstalledIsForgotten() {
        List<HostTimer.Watch> forgetting = new ArrayList<>();
        AtomicBoolean waits = new AtomicBoolean(true);
        PluginRegistry<Engine> own = registry(forgetting, waits);
        Instance<Engine> chat = own.add(host.origin("engine", "chat", "chat", "1.0.0"), ENGINE, Optional.empty());
        own.remove("chat", chat.origin().serviceId());

        forgetting.getFirst().act();
        assertThat(own.knows("chat")).isTrue();
        waits.set(false);
        long asked = System.nanoTime();
        assertThat(forgetting.getFirst().isDue(asked)).isFalse();
        assertThat(forgetting.getFirst().isDue(asked + Duration.ofSeconds(61).toNanos()))
                .isTrue();
        forgetting.getFirst().act();

        assertThat(own.knows("chat")).isFalse();
        assertThat(forgetting).isEmpty();
    }

    @Test
    void whatStillDrainsIsNotForgotten() {
        List<HostTimer.Watch> forgetting = new ArrayList<>();
        PluginRegistry<Engine> own = registry(forgetting, new AtomicBoolean());
        own.add(host.origin("engine", "chat", "chat", "1.0.0"), ENGINE, Optional.empty());
        Instance<Engine> leased = own.acquire("chat", Duration.ZERO, cancellation);
        own.remove("chat", leased.origin().serviceId());

        forgetting.getFirst().act();
        assertThat(TestHost.names(own.list())).containsExactly("chat 1.0.0 draining");
        assertThat(host.metrics.getNames()).isNotEmpty();
        leased.release();
        forgetting.getFirst().act();

        assertThat(own.knows("chat")).isFalse();
        assertThat(host.metrics.getNames()).isEmpty();
        assertThat(forgetting).isEmpty();
    }

    /** Make a registry whose timer is the test. */
    private PluginRegistry<Engine> registry(List<HostTimer.Watch> watched, AtomicBoolean waits) {
        HostTimer byHand = watch -> {
            watched.add(watch);
            return () -> watched.remove(watch);
        };
        return new PluginRegistry<>(
                "engine", host.metrics, byHand, origin -> true, bundle -> waits.get(), plugin -> {});
    }

    private boolean fails(ErrorCode code) {
        try {
            registry.acquire("chat", Duration.ZERO, cancellation);
            return false;
        } catch (LlmgineException e) {
            return e.code().equals(code);
        }
    }

    private Instance<Engine> add(String name, String plugin, String version) {
        return registry.add(host.origin("engine", name, plugin, version), ENGINE, Optional.empty());
    }

    private void remove(Instance<Engine> instance) {
        assertThat(registry.remove(instance.origin().name(), instance.origin().serviceId()))
                .contains(instance);
    }

    private Instance<Engine> acquired(String name) {
        return registry.acquire(name, Duration.ZERO, cancellation);
    }
}
