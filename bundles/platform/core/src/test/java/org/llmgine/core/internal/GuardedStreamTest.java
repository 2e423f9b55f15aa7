package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.LogLimit;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class GuardedStreamTest {
    private static final LlmgineException BROKEN = new LlmgineException(ErrorCode.PROVIDER_ERROR, "Broken.");
    private static final TextDelta TEXT = new TextDelta("text");

    private final TestHost host = new TestHost();
    private final ScriptedProvider provider = new ScriptedProvider();
    private final Cancellation cancellation = host.cancellation;

    @Test
    void eventsPassThroughAndTheLeaseGoesBackOnClose() {
        Instance<HostedProvider> instance = host.add("fake", provider.answer(ScriptedStream.text("one two")));

        GuardedStream stream = open();
        assertThat(instance.leases()).isEqualTo(1);
        assertThat(stream.next()).isEqualTo(new TextDelta("one "));
        assertThat(stream.next()).isEqualTo(new TextDelta("two"));
        stream.next();
        assertThat(stream.next()).isEqualTo(new Finish("stop"));
        assertThat(stream.usage()).contains(new Usage(1, 2));
        stream.close();
        stream.close();

        TestHost.await(() -> instance.leases() == 0);
        assertThat(provider.requests()).singleElement().returns("demo", ModelRequest::model);
        assertThat(instance.figures().values()).containsEntry("calls", 1L).containsEntry("errors", 0L);
        assertThat(gauge("llmgine_plugin_in_flight")).isEqualTo(0);
        assertThatThrownBy(stream::next).isInstanceOf(LlmgineException.class);
    }

    @Test
    void whatIsReadyIsWhatTheProviderSaysUntilTheStreamIsOver() {
        AtomicBoolean ready = new AtomicBoolean();
        AtomicReference<ClassLoader> seen = new AtomicReference<>();
        host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT, TEXT, new Finish("stop"))) {
            @Override
            public boolean isReady() {
                seen.set(Thread.currentThread().getContextClassLoader());
                return ready.get();
            }
        }));

        GuardedStream stream = open();
        assertThat(stream.isReady()).as("the first event is there").isTrue();
        assertThat(seen).hasNullValue();
        stream.next();
        assertThat(stream.isReady()).isFalse();
        assertThat(seen).hasValue(getClass().getClassLoader());
        ready.set(true);
        assertThat(stream.isReady()).isTrue();
        stream.next();
        stream.next();
        assertThat(stream.isReady()).as("nothing follows the finish").isFalse();
        GuardedStream closed = open();
        closed.next();
        closed.close();
        assertThat(closed.isReady()).isFalse();
    }

    @Test
    void aProviderThatCanNotTellWhatIsReadyIsAskedForItsNextEvent() {
        host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT, new Finish("stop"))) {
            @Override
            public boolean isReady() {
                throw new NoClassDefFoundError("on purpose");
            }
        }));

        GuardedStream stream = open();
        stream.next();
        assertThat(stream.isReady()).isFalse();
        assertThat(stream.next()).isEqualTo(new Finish("stop"));
        stream.close();
    }

    @Test
    void whatFailsBeforeTheFirstEventIsTriedAgain() {
        ScriptedStream broken = new ScriptedStream().thenFail(BROKEN);
        host.add(
                "fake",
                provider.refuse(new LlmgineException(ErrorCode.RATE_LIMITED, "Slow down.")
                                .withRetryAfter(Duration.ofMillis(2)))
                        .answer(broken)
                        .answer(ScriptedStream.text("done")));

        assertThat(open().next()).isEqualTo(new TextDelta("done"));
        assertThat(provider.requests()).hasSize(3);
        TestHost.await(() -> broken.closes() == 1);
    }

    @Test
    void whatCanNotSucceedIsNotTriedAgain() {
        host.add("fake", provider.refuse(new LlmgineException(ErrorCode.CONTEXT_TOO_LONG, "Too long.")));

        assertFails(ErrorCode.CONTEXT_TOO_LONG);
        assertThat(provider.requests()).hasSize(1);
    }

    @Test
    void thePauseThatABackEndAsksForIsKept() {
        Duration asked = Duration.ofMillis(150);
        host.add(
                "fake",
                provider.refuse(new LlmgineException(ErrorCode.RATE_LIMITED, "Slow down.").withRetryAfter(asked))
                        .answer(ScriptedStream.text("done")));
        long begin = System.nanoTime();

        open().close();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(asked);
    }

    @Test
    void aBackEndThatAsksForALongPauseIsNotAskedAgain() {
        host.add(
                "fake",
                provider.refuse(new LlmgineException(ErrorCode.RATE_LIMITED, "Slow down.")
                        .withRetryAfter(Duration.ofMinutes(1))));

        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.retryAfter()).contains(Duration.ofMinutes(1)));
        assertThat(provider.requests()).hasSize(1);
    }

    @Test
    void afterTheLastRetryTheFailureIsTold() {
        Instance<HostedProvider> instance =
                host.add("fake", provider.refuse(BROKEN).refuse(BROKEN).refuse(BROKEN));

        assertThatThrownBy(this::open).isSameAs(BROKEN);
        assertThat(instance.leases()).isZero();
        assertThat(instance.figures().values()).containsEntry("errors", 1L);
    }

    @Test
    void whatFailsAfterTheFirstEventIsNotTriedAgain() {
        host.add("fake", provider.answer(new ScriptedStream().then(TEXT).thenFail(BROKEN)));

        GuardedStream stream = open();
        assertThat(stream.next()).isEqualTo(TEXT);
        assertThatThrownBy(stream::next).isSameAs(BROKEN);
        assertThat(provider.requests()).hasSize(1);
        stream.close();
    }

    @Test
    void theBreakerOpensAfterFailuresInARowAndLetsATryThroughLater() {
        host.set("retries", 0).set("breakerFailures", 2).set("breakerDelayMs", 1L);
        host.add("fake", provider.refuse(BROKEN).answer(cut()).answer(ScriptedStream.text("well")));

        assertFails(ErrorCode.PROVIDER_ERROR);
        pullUntilBroken();
        assertThat(leftAlone()).isTrue();
        assertThat(provider.requests()).hasSize(2);

        TestHost.await(() -> opens());
        assertThat(provider.requests()).hasSize(3);
    }

    @Test
    void streamsThatBreakOffInARowOpenTheBreaker() {
        host.set("retries", 0).set("breakerFailures", 3);
        host.add("fake", provider.answer(cut()).answer(cut()).answer(cut()));

        pullUntilBroken();
        pullUntilBroken();
        pullUntilBroken();

        assertLeftAlone();
    }

    @Test
    void aWholeAnswerBreaksTheRow() {
        host.set("retries", 0).set("breakerFailures", 2);
        host.add("fake", provider.answer(cut()).answer(finished()).answer(cut()).answer(finished()));

        pullUntilBroken();
        pullToTheEnd();
        pullUntilBroken();

        pullToTheEnd();
    }

    @Test
    void aRetryThatTheBreakerRefusesIsNotMade() {
        host.set("retries", 2).set("breakerFailures", 1);
        host.add("fake", provider.refuse(BROKEN).answer(finished()));

        assertLeftAlone();
        assertThat(provider.requests()).hasSize(1);
    }

    @Test
    void aCancelledTryLeavesAClosedBreakerAlone() {
        host.set("retries", 0).set("breakerFailures", 1);
        host.add("fake", provider.answer(cut()).answer(finished()));

        GuardedStream stream = open();
        stream.next();
        stream.close();

        pullToTheEnd();
    }

    @Test
    void aCancelledTryNeitherClosesAHalfOpenBreakerNorKeepsItsPermit() {
        host.set("retries", 0).set("breakerFailures", 2).set("breakerDelayMs", 1L);
        Instance<HostedProvider> instance = host.add(
                "fake",
                provider.refuse(BROKEN)
                        .refuse(BROKEN)
                        .answer(cut())
                        .answer(cut())
                        .answer(finished()));
        assertFails(ErrorCode.PROVIDER_ERROR);
        assertFails(ErrorCode.PROVIDER_ERROR);
        Breaker breaker = instance.breaker(host.settings().retrying());
        TestHost.await(() -> breaker.quarantine().isEmpty());

        GuardedStream cancelled = open();
        GuardedStream other = open();
        // As many tries at a time as failures opened it.
        assertLeftAlone();
        cancelled.close();
        assertThat(breaker.isHalfOpen()).isTrue();

        pullToTheEnd();
        assertThat(breaker.isHalfOpen()).isFalse();
        other.close();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void afterAQuarantineThreeAtMostTry() {
        host.set("retries", 0).set("breakerFailures", 5).set("breakerDelayMs", 1L);
        for (int i = 0; i < 5; i++) {
            provider.refuse(BROKEN);
        }
        Instance<HostedProvider> instance = host.add(
                "fake", provider.answer(cut()).answer(cut()).answer(cut()).answer(finished()));
        for (int i = 0; i < 5; i++) {
            assertFails(ErrorCode.PROVIDER_ERROR);
        }
        TestHost.await(
                () -> instance.breaker(host.settings().retrying()).quarantine().isEmpty());

        List<GuardedStream> tries = List.of(open(), open(), open());

        assertLeftAlone();
        tries.getFirst().close();
        pullToTheEnd();
        tries.forEach(GuardedStream::close);
    }

    @Test
    void aTryThatHangsIsToldToTheBreakerAlthoughItNeverComesBack() throws Exception {
        host.set("retries", 0).set("breakerFailures", 1);
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore deaf = new Semaphore(0);
        host.add("fake", new FakeProvider(() -> {
            inside.countDown();
            deaf.acquireUninterruptibly();
            throw BROKEN;
        }));
        CompletableFuture<GuardedStream> opening = TestHost.async(this::open);
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        host.pass(120_001);
        TestHost.await(() -> !opening.isDone() && leftAlone());

        deaf.release();
        assertTimesOut(opening, "firstEventTimeoutMs");
    }

    @Test
    void anAnswerThatNobodyTakesPieceByPieceHasMoreTime() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        host.add("fake", new FakeProvider(() -> {
            inside.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw BROKEN;
        }));
        CompletableFuture<GuardedStream> opening = TestHost.async(() -> open("fake/demo", false));
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        host.pass(120_001);
        assertThat(opening).isNotDone();
        host.pass(480_000);

        assertTimesOut(opening, "wholeAnswerTimeoutMs");
    }

    @Test
    void theCallersOwnMistakesDoNotOpenTheBreaker() {
        host.set("retries", 0).set("breakerFailures", 1);
        host.add(
                "fake",
                provider.refuse(new LlmgineException(ErrorCode.INVALID_REQUEST, "No."))
                        .answer(ScriptedStream.text("yes")));

        assertFails(ErrorCode.INVALID_REQUEST);
        assertThat(open().next()).isEqualTo(new TextDelta("yes"));
    }

    @Test
    void aChangedLimitAppliesToTheNextCall() {
        host.set("retries", 0);
        host.add("fake", provider.refuse(BROKEN).refuse(BROKEN).answer(ScriptedStream.text("yes")));

        assertFails(ErrorCode.PROVIDER_ERROR);
        host.set("retries", 1);
        assertThat(open().next()).isEqualTo(new TextDelta("yes"));
    }

    @Test
    void aStreamThatEndsWithoutAFinishIsBroken() {
        host.set("retries", 0);
        host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT))));

        GuardedStream stream = open();
        stream.next();
        assertThatThrownBy(stream::next)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR))
                .hasMessageContaining("ended without a finish");
        host.add("empty", new FakeProvider(() -> new ListStream(List.of())));
        assertThatThrownBy(() -> open("empty/demo")).hasMessageContaining("ended without a finish");
        host.add("nothing", new FakeProvider(GuardedStreamTest::none));
        assertThatThrownBy(() -> open("nothing/demo"))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR))
                .hasMessageContaining("ended without a finish");
    }

    @Test
    void whateverAPluginThrowsIsContained() {
        host.set("retries", 0).set("breakerFailures", 100);
        for (Throwable thrown : List.of(
                new IllegalStateException("secret"),
                new NoClassDefFoundError("secret"),
                new StackOverflowError(),
                new AssertionError("secret"))) {
            host.add("fake", new FakeProvider(() -> sneaky(thrown)));
            assertThatThrownBy(this::open)
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_FAILED))
                    .hasMessage("The provider 'fake' failed unexpectedly.")
                    .hasCause(thrown);
        }
        host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT)) {
            @Override
            public void close() {
                sneaky(new IOException("on purpose"));
            }
        }));
        GuardedStream stream = open();
        stream.close();
        TestHost.await(
                () -> host.providers.list().getLast().instance().orElseThrow().leases() == 0);
    }

    @Test
    void thePluginsLoaderIsTheThreadsWhileItsCodeRuns() {
        List<ClassLoader> seen = new CopyOnWriteArrayList<>();
        Runnable look = () -> seen.add(Thread.currentThread().getContextClassLoader());
        ClassLoader loader = new ClassLoader() {};
        Origin origin = host.origin("provider", "fake", "fake", "1.0.0");
        ModelProvider fake = new FakeProvider(() -> {
            look.run();
            return new ListStream(List.of(TEXT, TEXT)) {
                @Override
                public StreamEvent next() {
                    look.run();
                    return super.next();
                }

                @Override
                public void close() {
                    look.run();
                }
            };
        });
        Origin theirs = new Origin(
                origin.kind(),
                origin.name(),
                origin.plugin(),
                origin.version(),
                "b",
                1,
                origin.serviceId(),
                0,
                loader,
                new LogLimit());
        host.providers.add(theirs, new HostedProvider(theirs, fake), java.util.Optional.empty());
        ClassLoader callers = Thread.currentThread().getContextClassLoader();

        GuardedStream stream = open();
        stream.next();
        stream.next();
        stream.close();

        TestHost.await(() -> seen.size() == 4);
        assertThat(seen).containsOnly(loader);
        assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(callers);
    }

    @Test
    void beyondTheCapACallIsRefused() {
        host.set("maxConcurrentStreams", 1);
        Instance<HostedProvider> instance =
                host.add("fake", provider.answer(ScriptedStream.text("a")).answer(ScriptedStream.text("b")));

        GuardedStream first = open();
        assertFails(ErrorCode.OVERLOADED);
        assertThat(instance.leases()).isEqualTo(1);
        first.close();
        TestHost.await(() -> instance.leases() == 0);
        assertThat(open().next()).isEqualTo(new TextDelta("b"));
    }

    @Test
    void aSilentBackEndMeetsTheDeadlineOfTheFirstEvent() throws Exception {
        ScriptedStream silent = new ScriptedStream().thenWait().then(TEXT);
        Instance<HostedProvider> instance = host.add("fake", provider.answer(silent));
        CompletableFuture<GuardedStream> opening = TestHost.async(this::open);
        silent.awaitWaiting();

        host.pass(120_000);
        assertThat(opening).isNotDone();
        host.pass(1);

        assertTimesOut(opening, "firstEventTimeoutMs");
        TestHost.await(() -> instance.leases() == 0);
        assertThat(silent.closes()).isPositive();
    }

    @Test
    void aProviderThatBlocksInOpenIsInterrupted() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicBoolean stillInterrupted = new AtomicBoolean(true);
        Instance<HostedProvider> instance = host.add("fake", new FakeProvider(() -> block(inside)));
        CompletableFuture<GuardedStream> opening = TestHost.async(() -> {
            try {
                return open();
            } finally {
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            }
        });
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        host.pass(120_001);

        assertTimesOut(opening, "firstEventTimeoutMs");
        assertThat(stillInterrupted).isFalse();
        TestHost.await(() -> instance.leases() == 0);
    }

    @Test
    void aGapThatIsTooLongEndsTheStream() throws Exception {
        ScriptedStream gap = new ScriptedStream().then(TEXT).thenWait().then(TEXT);
        host.add("fake", provider.answer(gap));
        GuardedStream stream = open();
        stream.next();
        // A reader that takes its time is no gap.
        host.pass(70_000);
        CompletableFuture<StreamEvent> next = TestHost.async(stream::next);
        gap.awaitWaiting();

        host.pass(60_000);
        assertThat(next).isNotDone();
        host.pass(2);

        assertTimesOut(next, "gapTimeoutMs");
    }

    @Test
    void aStreamThatTakesTooLongInTotalEndsBetweenTwoPullsToo() {
        ScriptedStream endless = new ScriptedStream().then(TEXT).then(TEXT);
        host.add("fake", provider.answer(endless));
        GuardedStream stream = open();
        stream.next();

        host.pass(1_800_001);
        TestHost.await(() -> endless.closes() > 0);

        assertThatThrownBy(stream::next).hasMessageContaining("1800000 ms");
        stream.close();
        // Who ended it may still be about to let go.
        TestHost.await(() -> gauge("llmgine_plugin_in_flight").equals(0));
    }

    @Test
    void aProviderThatIgnoresCloseIsInterrupted() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT)) {
            @Override
            public StreamEvent next() {
                StreamEvent event = super.next();
                return event != null ? event : (StreamEvent) sneaky(interruption(inside));
            }
        }));
        GuardedStream stream = open();
        stream.next();
        CompletableFuture<StreamEvent> next = TestHost.async(stream::next);
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        cancellation.cancel();

        assertThatThrownBy(() -> next.get(10, TimeUnit.SECONDS)).hasMessageContaining("The caller left");
    }

    @Test
    void aPullerIsInterruptedWhenCloseWaitsForHim() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicBoolean stillInterrupted = new AtomicBoolean(true);
        Instance<HostedProvider> instance = host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT)) {
            @Override
            public synchronized StreamEvent next() {
                StreamEvent event = super.next();
                return event != null ? event : (StreamEvent) sneaky(interruption(inside));
            }

            @Override
            public synchronized void close() {}
        }));
        GuardedStream stream = open();
        stream.next();
        CompletableFuture<StreamEvent> next = TestHost.async(() -> {
            try {
                return stream.next();
            } finally {
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            }
        });
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        cancellation.cancel();

        assertThatThrownBy(() -> next.get(10, TimeUnit.SECONDS)).hasMessageContaining("The caller left");
        assertThat(stillInterrupted).isFalse();
        stream.close();
        TestHost.await(() -> instance.leases() == 0);
    }

    @Test
    void aCloseThatBlocksHoldsTheLeaseButNotTheEngine() {
        CountDownLatch interrupted = new CountDownLatch(1);
        Semaphore deaf = new Semaphore(0);
        Instance<HostedProvider> instance = host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT)) {
            @Override
            public void close() {
                interruption(new CountDownLatch(1));
                interrupted.countDown();
                deaf.acquireUninterruptibly();
            }
        }));
        GuardedStream stream = open();

        stream.close();

        TestHost.await(() -> interrupted.getCount() == 0);
        assertThat(instance.leases()).isEqualTo(1);
        assertThat(stream.isSettled()).isFalse();
        deaf.release();
        TestHost.await(() -> instance.leases() == 0);
        assertThat(stream.isSettled()).isTrue();
    }

    @Test
    void aCloseThatBlocksAfterTheEndIsInterruptedAndNobodyHasWaitedForIt() {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Instance<HostedProvider> instance =
                host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT, new Finish("stop"))) {
                    @Override
                    public void close() {
                        interruption(inside);
                        interrupted.countDown();
                    }
                }));
        GuardedStream stream = open();
        stream.next();
        assertThat(stream.next()).isInstanceOf(Finish.class);

        stream.close();
        TestHost.await(() -> inside.getCount() == 0);
        host.pass(500);
        assertThat(interrupted.getCount()).isEqualTo(1);
        assertThat(instance.leases()).isEqualTo(1);

        host.pass(1);
        TestHost.await(() -> instance.leases() == 0);
        assertThat(interrupted.getCount()).isZero();
        assertThat(instance.figures().values()).containsEntry("errors", 0L);
    }

    @Test
    void aStreamThatEndsJustBeforeAPullIsNotPulled() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        AtomicInteger pulls = new AtomicInteger();
        Instance<HostedProvider> instance =
                host.add("fake", new FakeProvider(() -> new ListStream(List.of(TEXT, TEXT)) {
                    @Override
                    public StreamEvent next() {
                        pulls.incrementAndGet();
                        return super.next();
                    }
                }));
        instance.acquire();
        GuardedStream stream = GuardedStream.open(
                instance,
                ModelRequest.builder("demo")
                        .messages(List.of(Message.user("Hi")))
                        .build(),
                () -> {},
                host.settings(),
                host.timer,
                () -> {
                    // The clock is asked on the way in, after the first look and before the puller is inside.
                    meanwhile.getAndSet(() -> {}).run();
                    return host.nanos.get();
                },
                host.nanos.get(),
                cancellation);
        stream.next();
        meanwhile.set(stream::close);

        assertThatThrownBy(stream::next).hasMessage("The stream was closed.");

        assertThat(pulls).hasValue(1);
        TestHost.await(() -> instance.leases() == 0);
    }

    @Test
    void aFailureIsLoggedOnceWithItsCauseUnlessItIsTheCallersOwn() {
        host.set("retries", 0);
        host.add(
                "fake",
                provider.refuse(new LlmgineException(
                                ErrorCode.PROVIDER_ERROR, "The back-end is gone.", new IOException("No route.")))
                        .refuse(new LlmgineException(ErrorCode.INVALID_REQUEST, "No.")));
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getLevel() + " " + line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Origin.class.getName());
        logger.addHandler(handler);
        try {
            assertFails(ErrorCode.PROVIDER_ERROR);
            assertFails(ErrorCode.INVALID_REQUEST);
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(lines)
                .containsExactly("WARNING The provider 'fake' failed with provider_error: The back-end is gone."
                        + " Cause: java.io.IOException: No route.");
    }

    @Test
    void cancellingWhileOpenBlocksEndsTheCall() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Instance<HostedProvider> instance = host.add("fake", new FakeProvider(() -> block(inside)));
        CompletableFuture<GuardedStream> opening = TestHost.async(this::open);
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        cancellation.cancel();

        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS)).hasMessageContaining("The caller left");
        assertThat(instance.figures().values()).containsEntry("errors", 0L);
    }

    @Test
    void cancellingWhileTheFirstEventIsAwaitedClosesTheStreamAndTriesNothingAgain() throws Exception {
        ScriptedStream silent = new ScriptedStream().thenWait();
        host.add("fake", provider.answer(silent).answer(ScriptedStream.text("never")));
        CompletableFuture<GuardedStream> opening = TestHost.async(this::open);
        silent.awaitWaiting();

        cancellation.cancel();

        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS)).hasMessageContaining("The caller left");
        assertThat(provider.requests()).hasSize(1);
    }

    @Test
    void cancellingDuringThePauseBeforeARetryEndsTheCall() throws Exception {
        host.set("retryDelayMs", 100_000L).set("retryMaxDelayMs", 200_000L);
        AtomicInteger opened = new AtomicInteger();
        AtomicReference<Thread> puller = new AtomicReference<>();
        host.add("fake", new FakeProvider(() -> {
            opened.incrementAndGet();
            puller.set(Thread.currentThread());
            throw BROKEN;
        }));
        CompletableFuture<GuardedStream> opening = TestHost.async(this::open);
        TestHost.await(() -> puller.get() != null && puller.get().getState() == Thread.State.TIMED_WAITING);

        cancellation.cancel();

        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS)).hasMessageContaining("The caller left");
        assertThat(opened).hasValue(1);
    }

    @Test
    void aCallThatIsCancelledBeforehandReachesNoProvider() {
        host.add("fake", provider.answer(ScriptedStream.text("never")));
        cancellation.cancel();

        assertThatThrownBy(this::open).hasMessageContaining("The caller left");
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void closingFromAnotherThreadUnblocksThePullerAndThenGivesTheLeaseBack() throws Exception {
        ScriptedStream slow = new ScriptedStream().then(TEXT).thenWait();
        Instance<HostedProvider> instance = host.add("fake", provider.answer(slow));
        GuardedStream stream = open();
        stream.next();
        CompletableFuture<StreamEvent> next = TestHost.async(stream::next);
        slow.awaitWaiting();

        stream.close();

        assertThatThrownBy(() -> next.get(10, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(LlmgineException.class)
                .hasMessageContaining("The stream was closed");
        TestHost.await(() -> instance.leases() == 0);
    }

    @Test
    void anInstanceThatIsTakenOutWhileItOpensFinishesItsStream() throws Exception {
        ScriptedStream slow = new ScriptedStream().thenWait().then(TEXT).then(new Finish("stop"));
        Instance<HostedProvider> instance = host.add("fake", provider.answer(slow));
        CompletableFuture<GuardedStream> opening = TestHost.async(this::open);
        slow.awaitWaiting();

        host.providers.remove("fake", instance.origin().serviceId());
        CompletableFuture<Boolean> drained = TestHost.async(() -> idle(instance));
        host.add("fake", new ScriptedProvider().answer(ScriptedStream.text("successor")));
        assertThat(open().next()).isEqualTo(new TextDelta("successor"));
        assertThat(drained).isNotDone();

        slow.release();
        GuardedStream stream = opening.get(10, TimeUnit.SECONDS);
        assertThat(stream.next()).isEqualTo(TEXT);
        assertThat(stream.next()).isEqualTo(new Finish("stop"));
        stream.close();
        assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean idle(Instance<?> instance) {
        try {
            return instance.awaitIdle(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static ScriptedStream cut() {
        return new ScriptedStream().then(TEXT).thenFail(BROKEN);
    }

    private static ScriptedStream finished() {
        return new ScriptedStream().then(TEXT).then(new Finish("stop"));
    }

    @SuppressWarnings("NullAway") // the breach is the point
    private static ModelStream none() {
        return null;
    }

    private void pullUntilBroken() {
        try (GuardedStream stream = open()) {
            assertThat(stream.next()).isEqualTo(TEXT);
            assertThatThrownBy(stream::next).isSameAs(BROKEN);
        }
    }

    private void pullToTheEnd() {
        try (GuardedStream stream = open()) {
            assertThat(stream.next()).isEqualTo(TEXT);
            assertThat(stream.next()).isEqualTo(new Finish("stop"));
        }
    }

    private void assertLeftAlone() {
        assertThatThrownBy(this::open).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(e).hasMessageEndingWith("is left alone for a while; the last failure: " + BROKEN.getMessage());
            assertThat(e.retryAfter()).isPresent();
        });
    }

    private boolean leftAlone() {
        return host.providers
                .list()
                .getLast()
                .instance()
                .orElseThrow()
                .breaker(host.settings().retrying())
                .isOpen();
    }

    private boolean opens() {
        try {
            open().close();
            return true;
        } catch (LlmgineException e) {
            return false;
        }
    }

    private GuardedStream open() {
        return open("fake/demo");
    }

    private GuardedStream open(String model) {
        return open(model, true);
    }

    private GuardedStream open(String model, boolean streamed) {
        return host
                .models
                .open(
                        host.models.resolve(model),
                        ModelRequest.builder(model)
                                .messages(List.of(Message.user("Hi")))
                                .streamed(streamed)
                                .build(),
                        cancellation)
                .stream();
    }

    private void assertFails(ErrorCode code) {
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static void assertTimesOut(CompletableFuture<?> call, String deadline) {
        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .rootCause()
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
                    assertThat(e.hint()).contains("The limit is the setting " + deadline + ".");
                });
    }

    private Object gauge(String name) {
        return host.metrics
                .getGauges((metric, it) -> metric.startsWith(name))
                .values()
                .iterator()
                .next()
                .getValue();
    }

    private static ModelStream block(CountDownLatch inside) {
        return (ModelStream) sneaky(interruption(inside));
    }

    /** Block until the thread is interrupted. */
    private static Throwable interruption(CountDownLatch inside) {
        inside.countDown();
        try {
            new CountDownLatch(1).await();
            throw new AssertionError();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e;
        }
    }

    @SuppressWarnings("unchecked")
    private static <T, E extends Throwable> T sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private record FakeProvider(java.util.function.Supplier<ModelStream> opening) implements ModelProvider {
        @Override
        public List<ModelInfo> models() {
            return List.of();
        }

        @Override
        public ModelStream open(ModelRequest request) {
            return opening.get();
        }
    }

    /** Gives its events and then, wrongly, null. */
    private static class ListStream implements ModelStream {
        private final java.util.Iterator<? extends StreamEvent> events;

        ListStream(List<? extends StreamEvent> events) {
            this.events = events.iterator();
        }

        @Override
        @SuppressWarnings("NullAway") // the breach is the point
        public StreamEvent next() {
            return events.hasNext() ? events.next() : null;
        }

        @Override
        public void close() {}
    }
}
