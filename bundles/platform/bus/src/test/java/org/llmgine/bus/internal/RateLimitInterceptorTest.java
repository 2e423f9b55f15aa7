package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.bus.internal.Shop.Count;
import org.llmgine.bus.internal.Shop.Place;
import org.llmgine.bus.internal.Shop.Placed;

final class RateLimitInterceptorTest {
    private final AtomicLong clock = new AtomicLong();

    private RateLimitInterceptor interceptor(RateLimitInterceptor.Pause pause, Object... settings) {
        return new RateLimitInterceptor(Settings.of(RateLimitConfig.class, settings), clock::get, pause);
    }

    /** Pause by letting the clock go on. */
    private void skip(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static @Nullable String place(Interceptor interceptor, MessageContext context) throws Exception {
        return interceptor.aroundCommand(new Place("a"), context, () -> "done");
    }

    private static void isRefused(Interceptor interceptor, MessageContext context, Duration retryAfter) {
        assertThatThrownBy(() -> place(interceptor, context)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
            assertThat(e.retryAfter()).contains(retryAfter);
        });
    }

    @Test
    void sixCallsAtFiveASecondTakeASecondInEvenSteps() throws Exception {
        RateLimitInterceptor interceptor =
                interceptor(this::skip, "permitsPerSecond", 5.0, "burst", 1, "maxWaitMs", 1000L);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            interceptor.aroundCommand(new Place("a"), FakeContext.NONE, () -> {
                times.add(clock.get() / 1_000_000);
                return "done";
            });
        }

        assertThat(times).containsExactly(0L, 200L, 400L, 600L, 800L, 1000L);
    }

    @Test
    void whoWouldWaitTooLongIsRefusedAndTakesNoTurn() throws Exception {
        RateLimitInterceptor interceptor =
                interceptor(this::skip, "permitsPerSecond", 0.5, "burst", 1, "maxWaitMs", 1500L);
        place(interceptor, FakeContext.NONE);

        isRefused(interceptor, FakeContext.NONE, Duration.ofSeconds(2));
        isRefused(interceptor, FakeContext.NONE, Duration.ofSeconds(2));
        skip(Duration.ofMillis(500));
        assertThat(place(interceptor, FakeContext.NONE)).isEqualTo("done");
        assertThat(clock).hasValue(Duration.ofSeconds(2).toNanos());
    }

    @Test
    void otherKeysGoOnWhileOneWaits() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        RateLimitInterceptor interceptor = interceptor(
                time -> {
                    waiting.countDown();
                    release.await();
                },
                "permitsPerSecond",
                1.0,
                "maxWaitMs",
                60_000L);
        place(interceptor, FakeContext.NONE);
        CompletableFuture<String> late = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                late.complete(place(interceptor, FakeContext.NONE));
            } catch (Exception e) {
                late.completeExceptionally(e);
            }
        });
        waiting.await();

        assertThat(interceptor.<String>aroundCommand(new Count("a"), FakeContext.NONE, () -> "counted"))
                .isEqualTo("counted");
        assertThat(late).isNotDone();
        release.countDown();
        assertThat(late.get(10, TimeUnit.SECONDS)).isEqualTo("done");
    }

    @Test
    void sessionsAndPrincipalsCanHaveLimitsOfTheirOwn() throws Exception {
        RateLimitInterceptor bySession =
                interceptor(this::skip, "permitsPerSecond", 1.0, "key", RateLimitConfig.Key.SESSION);
        place(bySession, FakeContext.inSession("a"));
        place(bySession, FakeContext.inSession("b"));
        isRefused(bySession, FakeContext.inSession("a"), Duration.ofSeconds(1));

        RateLimitInterceptor byPrincipal =
                interceptor(this::skip, "permitsPerSecond", 1.0, "key", RateLimitConfig.Key.PRINCIPAL);
        place(byPrincipal, FakeContext.inSession("a").of("ann"));
        place(byPrincipal, FakeContext.inSession("a").of("bob"));
        isRefused(byPrincipal, FakeContext.inSession("b").of("ann"), Duration.ofSeconds(1));
    }

    @Test
    void eventsAreLimitedAndOtherTopicsArent() throws Exception {
        RateLimitInterceptor interceptor =
                interceptor(this::skip, "permitsPerSecond", 1.0, "topics", Settings.list("shop/order/placed"));
        interceptor.aroundEvent(new Placed("a"), FakeContext.NONE, () -> {});

        assertThatThrownBy(() -> interceptor.aroundEvent(new Placed("a"), FakeContext.NONE, () -> {}))
                .isInstanceOf(LlmgineException.class);
        assertThat(place(interceptor, FakeContext.NONE)).isEqualTo("done");
        assertThat(place(interceptor, FakeContext.NONE)).isEqualTo("done");
    }

    @Test
    void theConfiguredOneWaitsAndCanBeInterrupted() {
        RateLimitInterceptor interceptor = new RateLimitInterceptor(
                Settings.of(RateLimitConfig.class, "permitsPerSecond", 0.01, "maxWaitMs", 600_000L));

        assertThatThrownBy(() -> {
                    place(interceptor, FakeContext.NONE);
                    Thread.currentThread().interrupt();
                    place(interceptor, FakeContext.NONE);
                })
                .isInstanceOf(InterruptedException.class);
    }
}
