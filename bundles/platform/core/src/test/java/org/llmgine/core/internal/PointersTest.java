package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.LogLimit;
import org.llmgine.core.spi.ActiveVersions;
import org.osgi.framework.Version;

class PointersTest {
    private static final String BUNDLE = "example.chat";
    private static final Duration LONG = Duration.ofSeconds(30);

    private final TestHost host = new TestHost();
    private final List<PluginRegistry<?>> registries = new ArrayList<>();
    private final Pointers pointers = new Pointers(registries, plugin -> new ActiveVersions.ToolThreads(0, List.of()));
    private final PluginRegistry<String> registry =
            new PluginRegistry<>("engine", host.metrics, host.timer, pointers, bundle -> false, plugin -> {});
    private final Cancellation cancellation = new Cancellation();
    private long services;

    PointersTest() {
        registries.add(registry);
    }

    @Test
    void theNewestLeadsUntilSomebodySaysOtherwise() {
        Instance<String> old = add("chat", "1.0.0", 1);
        Instance<String> young = add("chat", "2.0.0", 2);
        assertThat(acquired()).isSameAs(young);

        pointers.point(BUNDLE, 1);
        assertThat(acquired()).isSameAs(old);
        assertThat(TestHost.names(registry.list())).containsExactly("chat 1.0.0 active", "chat 2.0.0 draining");

        pointers.release(BUNDLE);
        assertThat(acquired()).isSameAs(young);
    }

    @Test
    void aVersionThatIsNotPointedAtIsReadyAndGetsNoLease() {
        pointers.point(BUNDLE, 1);
        Instance<String> old = add("chat", "1.0.0", 1);
        add("chat", "2.0.0", 2);

        assertThat(acquired()).isSameAs(old);
        assertThat(TestHost.names(registry.list())).containsExactly("chat 1.0.0 active", "chat 2.0.0 ready");
    }

    @Test
    void aCallWaitsWhileNobodyIsPointedAt() throws Exception {
        add("chat", "1.0.0", 1);
        pointers.point(BUNDLE, ActiveVersions.NONE);
        assertThatThrownBy(this::acquired)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        CompletableFuture<Instance<String>> call = TestHost.async(() -> registry.acquire("chat", LONG, cancellation));

        Instance<String> young = add("chat", "2.0.0", 2);
        pointers.point(BUNDLE, 2);

        assertThat(call.get(10, TimeUnit.SECONDS)).isSameAs(young);
    }

    @Test
    void aParkedCallWaitsLongerThanTheHostsOwnLimitButNotForever() throws Exception {
        add("chat", "1.0.0", 1);
        pointers.park(BUNDLE, LONG);
        CompletableFuture<Instance<String>> call = new CompletableFuture<>();
        Thread caller =
                Thread.ofPlatform().start(() -> call.complete(registry.acquire("chat", Duration.ZERO, cancellation)));
        TestHost.await(() -> caller.getState() == Thread.State.TIMED_WAITING);
        Instance<String> young = add("chat", "2.0.0", 2);
        pointers.point(BUNDLE, 2);
        assertThat(call.get(10, TimeUnit.SECONDS)).isSameAs(young);

        pointers.park(BUNDLE, Duration.ofMillis(1));
        assertThatThrownBy(this::acquired)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    @Test
    void anotherPluginIsLeftAlone() {
        Instance<String> other = registry.add(origin("other", "example.other", "1.0.0", 7), "other", Optional.empty());

        pointers.point(BUNDLE, ActiveVersions.NONE);

        assertThat(registry.acquire("other", Duration.ZERO, cancellation)).isSameAs(other);
    }

    @Test
    void aBundleTellsWhatItRegisteredAndHowItFares() {
        Instance<String> old = add("chat", "1.0.0", 1);
        old.figures().begun();
        old.figures().begun();
        old.figures().failed();
        acquired();
        registry.addFailed(origin("chat~work", BUNDLE, "1.0.0", 1), "It is broken.");
        Instance<String> young = add("chat", "2.0.0", 2);
        young.figures().begun();

        assertThat(pointers.instances(1))
                .containsExactlyInAnyOrder(
                        new ActiveVersions.InstanceState(
                                "engine", "chat", Optional.empty(), Optional.empty(), 1, 2, 1, 0, 0),
                        new ActiveVersions.InstanceState(
                                "engine", "chat~work", Optional.of("It is broken."), Optional.empty(), 0, 0, 0, 0, 0));
        assertThat(pointers.instances(2))
                .containsExactly(new ActiveVersions.InstanceState(
                        "engine", "chat", Optional.empty(), Optional.empty(), 0, 1, 0, 0, 0));
        assertThat(young.figures().values()).containsEntry("calls", 3L).containsEntry("errors", 1L);
    }

    @Test
    void itIsIdleWhenTheLastCallHasEnded() throws Exception {
        Instance<String> old = add("chat", "1.0.0", 1);
        acquired();
        assertThat(pointers.awaitIdle(1, Duration.ofMillis(1))).isFalse();

        CompletableFuture<Boolean> idle = TestHost.async(() -> awaitIdle(1));
        old.release();

        assertThat(idle.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(pointers.awaitIdle(99, Duration.ZERO)).isTrue();
    }

    private boolean awaitIdle(long bundle) {
        try {
            return pointers.awaitIdle(bundle, LONG);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Instance<String> acquired() {
        return registry.acquire("chat", Duration.ZERO, cancellation);
    }

    private Instance<String> add(String name, String version, long bundle) {
        return registry.add(origin(name, BUNDLE, version, bundle), version, Optional.empty());
    }

    private Origin origin(String name, String bundle, String version, long bundleId) {
        return new Origin(
                "engine",
                name,
                bundle,
                new Version(version),
                bundle,
                bundleId,
                ++services,
                0,
                getClass().getClassLoader(),
                new LogLimit());
    }
}
