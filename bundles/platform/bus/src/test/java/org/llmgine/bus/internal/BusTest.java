package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandFinished;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerFailed;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;

class BusTest {
    private static final Principal ANN = new Principal("ann", Set.of(Principal.USER));
    private static final SendOptions A = SendOptions.inSession("a");

    private final TestBus test = new TestBus();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    record Double(int number) implements Command<Integer> {}

    record Unhandled() implements Command<Void> {}

    interface Sound extends Event {
        String text();
    }

    @MessageType("test/sound/said")
    record Said(String text) implements Sound {}

    @MessageType("test/sound/sung")
    record Sung(String text) implements Sound {}

    @AfterEach
    void stop() {
        test.close();
    }

    private String next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    private List<String> next(int count) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(next());
        }
        return all;
    }

    // ---- commands
    // ----------------------------------------------------------------------------------------------------

    @Test
    void aCommandRunsOnItsCallersThreadAndItsResultSaysWhoDidWhat() {
        Thread caller = Thread.currentThread();
        test.own.handle(Double.class, (command, context) -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            assertThat(context.session()).isEqualTo("a");
            assertThat(context.principal()).isEqualTo(ANN);
            assertThat(context.attempt()).isEqualTo(1);
            return command.number() * 2;
        });

        CommandResult<Integer> result = test.own.execute(new Double(4), A.withPrincipal(ANN));

        assertThat(result.orElseThrow()).isEqualTo(8);
        assertThat(result.succeeded()).isTrue();
        assertThat(result.commandId()).startsWith("msg_");
        assertThat(result.session()).isEqualTo("a");
        assertThat(result.origin()).isEqualTo("test.bundle/BusTest");
        assertThat(result.duration()).isPositive();
        assertThat(result.attempts()).isEqualTo(1);
        assertThat(test.counter("commands_sent_total{type=\"org/llmgine/bus/internal/BusTest$Double\"}"))
                .isEqualTo(1);
    }

    @Test
    void aCommandWithoutAHandlerIsToldAsSuch() {
        test.listen(
                CommandFinished.class,
                (event, context) -> heard.add(event.errorCode().orElseThrow()));

        CommandResult<Void> result = test.own.execute(new Unhandled());

        assertThat(result.succeeded()).isFalse();
        assertThat(result.attempts()).isZero();
        assertThatThrownBy(result::orElseThrow)
                .isInstanceOf(LlmgineException.class)
                .hasMessageContaining("org/llmgine/bus/internal/BusTest$Unhandled");
        assertThat(heard).isNotNull();
        assertThat(poll()).isEqualTo("unavailable");
    }

    private String poll() {
        try {
            return next();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSecondHandlerIsRefusedUntilTheFirstIsGone() {
        Registration first = test.own.handle(Double.class, (command, context) -> 1);

        assertThatThrownBy(() -> test.own.handle(Double.class, (command, context) -> 2))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
        first.close();
        first.close();
        test.own.handle(Double.class, (command, context) -> 2);

        assertThat(test.own.execute(new Double(1)).orElseThrow()).isEqualTo(2);
    }

    @Test
    void whateverAHandlerThrowsIsContained() {
        test.own.handle(Double.class, (command, context) -> {
            throw new StackOverflowError();
        });

        CommandResult<Integer> result = test.own.execute(new Double(1));

        assertThat(result.failure()).hasValueSatisfying(e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_FAILED);
            assertThat(e.hint()).isPresent();
        });
    }

    @Test
    void aHandlersOwnFailureArrivesAsItIs() {
        LlmgineException failure = new LlmgineException(ErrorCode.FORBIDDEN, "No.");
        test.own.handle(Double.class, (command, context) -> {
            throw failure;
        });

        assertThat(test.own.execute(new Double(1)).failure()).containsSame(failure);
    }

    @Test
    void aCommandsBeginAndEndAreToldInItsSession() throws InterruptedException {
        test.own.handle(Double.class, (command, context) -> command.number());
        test.listen(CommandStarted.class, (event, context) -> heard.add("started " + context.session()));
        test.listen(CommandFinished.class, (event, context) -> heard.add("finished " + event.origin()));

        test.own.execute(new Double(1), A);

        assertThat(next(2)).containsExactly("started a", "finished test.bundle/BusTest");
    }

    @Test
    void aCommandIsCancelledAtItsDeadline() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        test.own.handle(Double.class, (command, context) -> {
            context.onCancel(() -> heard.add("cancelled"));
            begun.countDown();
            never.await();
            return 1;
        });
        BlockingQueue<CommandResult<Integer>> results = new LinkedBlockingQueue<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            results.add(test.own.execute(new Double(1), A.withTimeout(Duration.ofMinutes(5))));
            heard.add("interrupted " + Thread.currentThread().isInterrupted());
        });
        begun.await();

        test.roundIn(Duration.ofMinutes(4));
        assertThat(results).isEmpty();
        test.roundIn(Duration.ofMinutes(6));
        test.roundIn(Duration.ofMinutes(7));

        assertThat(results.poll(20, TimeUnit.SECONDS).failure())
                .hasValueSatisfying(e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
        assertThat(next(2)).containsExactlyInAnyOrder("cancelled", "interrupted false");
        caller.join();
    }

    @Test
    void anInterruptOfTheCallerEndsTheCommandAndStays() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        test.own.handle(Double.class, (command, context) -> {
            Thread.currentThread().interrupt();
            assertThat(context.cancelled()).isTrue();
            assertThatThrownBy(context::checkCancelled).isInstanceOf(LlmgineException.class);
            never.await();
            return 1;
        });

        CommandResult<Integer> result = test.own.execute(new Double(1));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.failure())
                .hasValueSatisfying(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void nestedWorkInheritsSessionAndPrincipalAlsoOnAnotherThread() throws Exception {
        test.listen(
                Said.class,
                (event, context) -> heard.add(event.text() + " " + context.session() + " "
                        + context.principal().name()));
        test.own.handle(Double.class, (command, context) -> {
            assertThat(test.own.current()).containsSame(context);
            test.own.publish(new Said("nested"));
            Thread other = Thread.ofVirtual().start(() -> context.run(() -> test.own.publish(new Said("handed over"))));
            other.join();
            Thread.ofVirtual().start(() -> test.own.publish(new Said("alone"))).join();
            return context.call(() -> 5);
        });

        int result = test.own.execute(new Double(1), A.withPrincipal(ANN)).orElseThrow();

        assertThat(result).isEqualTo(5);
        assertThat(test.own.current()).isEmpty();
        assertThat(next(3)).containsExactlyInAnyOrder("nested a ann", "handed over a ann", "alone  anonymous");
    }

    @Test
    void aMessageKnowsItsCauseAndItsKey() {
        List<Optional<String>> causes = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        test.own.handle(Double.class, (command, context) -> {
            ids.add(context.id());
            causes.add(context.cause());
            assertThat(context.idempotencyKey()).isEqualTo(context.id());
            assertThat(context.metadata()).isEmpty();
            if (command.number() > 0) {
                test.own.execute(
                        new Double(command.number() - 1), SendOptions.DEFAULT.withIdempotencyKey(context.id()));
            }
            return 0;
        });
        test.own.handle(Unhandled.class, (command, context) -> {
            assertThat(context.idempotencyKey()).isEqualTo("key");
            assertThat(context.metadata()).containsEntry("colour", "blue");
            assertThat(context.sent()).isEqualTo(TestBus.NOW);
            assertThat(context.origin()).isEqualTo("test.bundle");
            return null;
        });

        assertThat(test.own
                        .execute(
                                new Unhandled(),
                                SendOptions.DEFAULT.with("colour", "blue").withIdempotencyKey("key"))
                        .succeeded())
                .isTrue();
        assertThat(test.own.execute(new Double(0)).succeeded()).isTrue();
        assertThat(causes).containsExactly(Optional.empty());
        assertThat(ids).doesNotHaveDuplicates();
    }

    // ---- events
    // ------------------------------------------------------------------------------------------------------

    @Test
    void anEventReachesAllListenersOfItsTypeItsSupertypesAndItsTopics() throws InterruptedException {
        test.listen(Said.class, (event, context) -> heard.add("said"));
        test.listen(Sound.class, (event, context) -> heard.add("sound"));
        test.listen(Event.class, (event, context) -> heard.add("event"));
        for (String topic : List.of("test/*", "test/sound/*", "test/*/said", "*", "test/*/sung", "test", "other/*")) {
            test.own.listen(
                    Event.class, ListenerOptions.named(topic).withTopics(topic), (event, context) -> heard.add(topic));
        }

        Publication publication = test.own.publishAndWait(new Said("hello"), A);

        assertThat(publication.state()).isEqualTo(State.HANDLED);
        assertThat(next(7))
                .containsExactlyInAnyOrder("said", "sound", "event", "test/*", "test/sound/*", "test/*/said", "*");
        assertThat(heard).isEmpty();
    }

    @Test
    void aTopicThatIsNoneIsRefused() {
        for (String topic : List.of("", "/a", "a/", "a//b")) {
            assertThatThrownBy(() -> test.own.listen(
                            Said.class, ListenerOptions.named("x").withTopics(topic), (event, context) -> {}))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.field()).contains("topics"));
        }
    }

    @Test
    void anEventThatNobodyHearsIsHandledAndCounted() {
        Publication publication = test.own.publish(new Said("hello"));

        assertThat(publication.state()).isEqualTo(State.HANDLED);
        assertThat(publication.failures()).isEmpty();
        publication.orElseThrow();
        assertThat(test.counter("events_unheard_total")).isEqualTo(1);
    }

    @Test
    void aHigherRankingIsDoneBeforeALowerOneBeginsAndEqualOnesRunTogether() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        test.own.listen(Said.class, ListenerOptions.named("low").withRanking(-5), (event, context) -> heard.add("low"));
        for (int i = 0; i < 2; i++) {
            test.own.listen(Said.class, ListenerOptions.named("middle"), (event, context) -> {
                together.await(20, TimeUnit.SECONDS);
                heard.add("middle");
            });
        }
        test.own.listen(
                Said.class, ListenerOptions.named("high").withRanking(5), (event, context) -> heard.add("high"));

        test.own.publishAndWait(new Said("go"), A).orElseThrow();

        assertThat(heard).containsExactly("high", "middle", "middle", "low");
    }

    @Test
    void eventsOfOneSessionComeInOrderAndSessionsDontWaitForEachOther() throws InterruptedException {
        CountDownLatch slow = new CountDownLatch(1);
        test.listen(Said.class, (event, context) -> {
            if (context.session().equals("slow")) {
                slow.await();
            }
            heard.add(context.session() + event.text());
        });
        test.own.publish(new Said("1"), SendOptions.inSession("slow"));
        IntStream.range(0, 200).forEach(i -> test.own.publish(new Said("" + i), A));

        assertThat(next(200))
                .isEqualTo(IntStream.range(0, 200).mapToObj(i -> "a" + i).toList());
        slow.countDown();
        assertThat(next()).isEqualTo("slow1");
    }

    @Test
    void manyPublishersOfManySessionsLoseNothingAndKeepTheirOrder() throws InterruptedException {
        int sessions = 50;
        int each = 500;
        ConcurrentHashMap<String, List<Integer>> got = new ConcurrentHashMap<>();
        CountDownLatch left = new CountDownLatch(sessions * each);
        ConcurrentHashMap<String, AtomicInteger> inside = new ConcurrentHashMap<>();
        Set<String> overlaps = ConcurrentHashMap.newKeySet();
        test.listen(Said.class, (event, context) -> {
            AtomicInteger count = inside.computeIfAbsent(context.session(), id -> new AtomicInteger());
            if (count.incrementAndGet() > 1) {
                overlaps.add(context.session());
            }
            got.computeIfAbsent(context.session(), id -> Collections.synchronizedList(new ArrayList<>()))
                    .add(Integer.valueOf(event.text()));
            count.decrementAndGet();
            left.countDown();
        });
        for (int i = 0; i < sessions; i++) {
            SendOptions options = SendOptions.inSession("s" + i);
            Thread.ofVirtual().start(() -> {
                for (int n = 0; n < each; n++) {
                    test.own.publish(new Said("" + n), options);
                }
            });
        }

        assertThat(left.await(40, TimeUnit.SECONDS)).isTrue();
        List<Integer> all = IntStream.range(0, each).boxed().toList();
        assertThat(got)
                .hasSize(sessions)
                .allSatisfy((session, numbers) -> assertThat(numbers).isEqualTo(all));
        assertThat(overlaps).isEmpty();
    }

    @Test
    void aFailingListenerStopsNobodyAndIsToldToThePublisherAndToListeners() throws InterruptedException {
        test.own.listen(Said.class, ListenerOptions.named("bad").withRanking(1), (event, context) -> {
            throw new IllegalStateException("no");
        });
        test.listen(Said.class, (event, context) -> heard.add(event.text()));
        test.listen(ListenerFailed.class, (event, context) -> heard.add(event.listener() + " " + event.type()));

        Publication publication = test.own.publishAndWait(new Said("hello"), A);

        assertThat(publication.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.listener()).isEqualTo("bad"));
        assertThatThrownBy(publication::orElseThrow)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_FAILED));
        assertThat(next(2)).containsExactly("hello", "bad test/sound/said");
        assertThat(test.counter("events_failed_total")).isEqualTo(1);
    }

    @Test
    void aListenerThatFailsWithFailuresIsNotToldOfItself() {
        AtomicInteger calls = new AtomicInteger();
        test.listen(ListenerFailed.class, (event, context) -> {
            calls.incrementAndGet();
            throw new IllegalStateException("again");
        });
        test.own.listen(Said.class, ListenerOptions.named("bad"), (event, context) -> {
            throw new LinkageError();
        });

        test.own.publishAndWait(new Said("1"), A);
        test.own.publishAndWait(new Said("2"), A);
        test.own.publishAndWait(new Sung("end"), A);
        test.close();

        assertThat(calls).hasValue(2);
    }

    @Test
    void aListenerThatIsGoneHearsNothingMoreAndOthersLoseNothing() {
        Registration one = test.listen(Said.class, (event, context) -> heard.add("one"));
        test.listen(Said.class, (event, context) -> heard.add("two"));

        test.own.publishAndWait(new Said("1"), A);
        one.close();
        test.own.publishAndWait(new Said("2"), A);

        assertThat(heard).containsExactlyInAnyOrder("one", "two", "two");
    }

    @Test
    void listenersThatComeAndGoDontDisturbTheOrder() throws InterruptedException {
        CountDownLatch left = new CountDownLatch(2000);
        List<Integer> got = Collections.synchronizedList(new ArrayList<>());
        test.listen(Said.class, (event, context) -> {
            got.add(Integer.valueOf(event.text()));
            left.countDown();
        });
        Thread changing = Thread.ofVirtual().start(() -> {
            while (left.getCount() > 0) {
                test.own
                        .listen(Said.class, ListenerOptions.named("guest").withRanking(3), (event, context) -> {})
                        .close();
            }
        });
        for (int i = 0; i < 2000; i++) {
            test.own.publish(new Said("" + i), A);
        }

        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
        changing.join();
        assertThat(got).isEqualTo(IntStream.range(0, 2000).boxed().toList());
    }

    @Test
    void whatWasPublishedBeforeTheStartIsDeliveredOnceAtIt() throws InterruptedException {
        try (TestBus held = new TestBus(BusSettings.DEFAULT, false)) {
            Publication early = held.own.publish(new Said("early"), A);
            held.listen(Said.class, (event, context) -> heard.add(event.text()));
            assertThat(early.state()).isEqualTo(State.ACCEPTED);
            assertThatThrownBy(early::orElseThrow).hasMessageContaining("isn't handled yet");
            assertThat(early.await(Duration.ofNanos(1))).isFalse();

            held.bus.start();
            held.bus.start();

            assertThat(early.await(TestBus.LONG)).isTrue();
            held.own.publishAndWait(new Said("late"), A);
            assertThat(next(2)).containsExactly("early", "late");
        }
    }

    @Test
    void whatDoesntFitBeforeTheStartIsRejected() {
        BusSettings small = new BusSettings(
                10, Overflow.BLOCK, 0.8, 0.5, Duration.ZERO, Duration.ZERO, TestBus.LONG, TestBus.LONG, 2, 10);
        try (TestBus held = new TestBus(small, false)) {
            List<State> states = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                states.add(held.own.publish(new Said("" + i)).state());
            }
            assertThat(states).containsExactly(State.ACCEPTED, State.ACCEPTED, State.REJECTED);
        }
    }

    @Test
    void stoppingWaitsForWhatIsUnderWayAndRejectsWhatComes() {
        AtomicInteger count = new AtomicInteger();
        test.listen(Said.class, (event, context) -> count.incrementAndGet());
        for (int i = 0; i < 300; i++) {
            test.own.publish(new Said("" + i), SendOptions.inSession("s" + i % 7));
        }

        test.close();

        assertThat(count).hasValue(300);
        Publication late = test.own.publish(new Said("late"));
        assertThat(late.state()).isEqualTo(State.REJECTED);
        assertThatThrownBy(late::orElseThrow).hasMessageContaining("stopped");
        assertThatThrownBy(() -> test.own.openSession(org.llmgine.api.bus.SessionOptions.DEFAULT))
                .hasMessageContaining("stopped");
    }

    @Test
    void aBundleThatGoesTakesWhatItRegisteredAlong() {
        BundleBus guest = new BundleBus(test.bus, new Owner("guest", null));
        guest.listen(Said.class, ListenerOptions.named("guest"), (event, context) -> heard.add("guest"));
        guest.handle(Double.class, (command, context) -> 7);
        guest.openSession(org.llmgine.api.bus.SessionOptions.withId("guests"));
        test.listen(Said.class, (event, context) -> heard.add("host"));

        guest.close();

        test.own.publishAndWait(new Said("1"), A);
        assertThat(heard).containsExactly("host");
        assertThat(test.own.execute(new Double(1)).succeeded()).isFalse();
        assertThat(test.own.session("guests")).isEmpty();
        assertThat((Integer) test.gauge("registered_handlers")).isEqualTo(1);
    }

    @Test
    void aBundleThatHasGoneRegistersNothingAnyMore() {
        BundleBus guest = new BundleBus(test.bus, new Owner("guest", null));
        guest.close();

        guest.listen(Said.class, ListenerOptions.named("guest"), (event, context) -> heard.add("guest"));
        guest.handle(Double.class, (command, context) -> 7);
        guest.openSession(org.llmgine.api.bus.SessionOptions.withId("guests"));

        test.own.publishAndWait(new Said("1"), A);
        assertThat(heard).isEmpty();
        assertThat(test.own.session("guests")).isEmpty();
        assertThat(test.own.execute(new Double(1)).succeeded()).isFalse();
        test.own.handle(Double.class, (command, context) -> 2);
        assertThat(test.own.execute(new Double(1)).orElseThrow()).isEqualTo(2);
    }

    @Test
    void aCommandFindsTheSuccessorOfAHandlerThatGoes() throws InterruptedException {
        HandlerEntry serving = handler(0);
        test.bus.add(Double.class, serving);
        AtomicInteger executed = new AtomicInteger();
        Set<String> failures = ConcurrentHashMap.newKeySet();
        Thread caller = Thread.ofPlatform().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                CommandResult<Integer> result = test.own.execute(new Double(1));
                result.failure().ifPresent(failure -> failures.add(failure.getMessage()));
                if (result.succeeded() && !result.origin().equals("guest/" + result.orElseThrow())) {
                    failures.add(result.origin() + " answered " + result.orElseThrow());
                }
                executed.incrementAndGet();
            }
        });
        for (int i = 0; i < 20_000 || executed.get() < 1_000; i++) {
            HandlerEntry successor = handler(i + 1);
            test.bus.add(Double.class, successor);
            test.bus.remove(Double.class, serving);
            serving = successor;
        }
        caller.interrupt();
        caller.join();

        assertThat(failures).isEmpty();
    }

    private static HandlerEntry handler(int number) {
        return new HandlerEntry(new Owner("guest", null), Integer.toString(number), 0, (CommandHandler<Double, Integer>)
                (command, context) -> number);
    }

    @Test
    void aListenerThatTakesTooLongIsLeftBehindAndItsSessionGoesOn() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        test.own.listen(Said.class, ListenerOptions.named("stuck").withRanking(1), (event, context) -> {
            if (event.text().equals("1")) {
                hangs.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    heard.add("interrupted");
                    throw e;
                }
            }
        });
        test.listen(Said.class, (event, context) -> heard.add(event.text()));
        Publication first = test.own.publish(new Said("1"), A);
        Publication second = test.own.publish(new Said("2"), A);
        hangs.await();

        test.roundIn(Duration.ofSeconds(10));
        assertThat(second.state()).isEqualTo(State.ACCEPTED);
        test.roundIn(Duration.ofSeconds(40));

        assertThat(second.await(TestBus.LONG)).isTrue();
        assertThat(first.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.listener()).isEqualTo("stuck");
            assertThat(failure.failure().code()).isEqualTo(ErrorCode.TIMEOUT);
        });
        assertThat(next(3)).containsExactlyInAnyOrder("interrupted", "1", "2");
        assertThat(test.counter("listeners_left_behind_total")).isEqualTo(1);
    }

    @Test
    void inAGroupOnlyTheOneThatTakesTooLongIsLeftBehind() {
        // Long enough for the quick one to be through on a machine that is slow.
        Duration brief = Duration.ofSeconds(3);
        try (TestBus brisk = new TestBus(BusSettings.DEFAULT.withTimeouts(brief, brief, brief))) {
            brisk.own.listen(
                    Said.class, ListenerOptions.named("stuck"), (event, context) -> new CountDownLatch(1).await());
            brisk.own.listen(Said.class, ListenerOptions.named("quick"), (event, context) -> heard.add("quick"));
            brisk.own.listen(
                    Said.class, ListenerOptions.named("after").withRanking(-1), (event, context) -> heard.add("after"));

            Publication publication = brisk.own.publishAndWait(new Said("go"), A);

            assertThat(publication.state()).isEqualTo(State.HANDLED);
            assertThat(publication.failures())
                    .extracting(Publication.Failure::listener)
                    .containsExactly("stuck");
            assertThat(heard).containsExactly("quick", "after");
        }
    }

    @Test
    void lanesThatAreIdleGo() {
        test.listen(Said.class, (event, context) -> {});
        test.own.publishAndWait(new Said("1"), A);

        test.roundIn(Duration.ofSeconds(60));
        test.own.publishAndWait(new Said("2"), A).orElseThrow();

        assertThat(test.gauge("queue_size")).isEqualTo(0);
    }
}
