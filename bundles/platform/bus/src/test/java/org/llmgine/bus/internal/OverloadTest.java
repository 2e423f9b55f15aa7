package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.SendOptions;

/** What happens when publishers are faster than listeners. */
@Timeout(60)
class OverloadTest {
    private static final SendOptions A = SendOptions.inSession("a");
    private static final SendOptions B = SendOptions.inSession("b");

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch inside = new CountDownLatch(1);

    record Tick(int number) implements Event {}

    record Tock() implements Event {}

    record Ask() implements Command<Integer> {}

    private static BusSettings settings(int capacity, Overflow overflow) {
        return BusSettings.DEFAULT.withQueue(capacity, overflow);
    }

    /** Let the listener stand still in its first event. */
    private void holdUp(TestBus test) throws InterruptedException {
        test.listen(Tick.class, (event, context) -> {
            inside.countDown();
            gate.await();
            heard.add("" + event.number());
        });
        test.own.publish(new Tick(0), A);
        inside.await();
    }

    private static List<Publication> publish(TestBus test, int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> test.own.publish(new Tick(i), A))
                .toList();
    }

    private String next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void dropOldestKeepsTheNewestInTheirOrderAndTellsThePublishersOfTheOthers() throws InterruptedException {
        try (TestBus test = new TestBus(settings(5, Overflow.DROP_OLDEST))) {
            holdUp(test);
            List<Publication> all = publish(test, 1, 10);

            assertThat(all.subList(0, 5)).allSatisfy(one -> {
                assertThat(one.state()).isEqualTo(State.DROPPED);
                assertThat(one.await(TestBus.LONG)).isTrue();
                assertThatThrownBy(one::orElseThrow)
                        .isInstanceOfSatisfying(
                                LlmgineException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
            });
            gate.countDown();
            assertThat(all.getLast().await(TestBus.LONG)).isTrue();

            assertThat(heard).containsExactly("0", "6", "7", "8", "9", "10");
            assertThat(test.counter("events_dropped_total")).isEqualTo(5);
        }
    }

    @Test
    void rejectNewTellsThePublisher() throws InterruptedException {
        try (TestBus test = new TestBus(settings(2, Overflow.REJECT_NEW))) {
            holdUp(test);
            List<Publication> all = publish(test, 1, 3);

            assertThat(all)
                    .extracting(Publication::state)
                    .containsExactly(State.ACCEPTED, State.ACCEPTED, State.REJECTED);
            assertThat(all.getLast().reason()).contains("full");
            assertThat(test.own.publish(new Tick(0), B).state()).isEqualTo(State.ACCEPTED);
            gate.countDown();
        }
        assertThat(heard).contains("0", "1", "2");
    }

    @Test
    void blockLetsThePublisherWaitForRoom() throws InterruptedException {
        BusSettings patient = settings(1, Overflow.BLOCK).withTimeouts(TestBus.LONG, TestBus.LONG, TestBus.LONG);
        try (TestBus test = new TestBus(patient)) {
            holdUp(test);
            publish(test, 1, 1);
            CountDownLatch done = new CountDownLatch(1);
            Thread publisher = Thread.ofPlatform().start(() -> {
                publish(test, 2, 2);
                done.countDown();
            });
            TestBus.await(() -> publisher.getState() == Thread.State.TIMED_WAITING);
            assertThat(done.getCount()).isEqualTo(1);
            gate.countDown();

            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(List.of(next(), next(), next())).containsExactly("0", "1", "2");
        }
    }

    @Test
    void blockRejectsWhenTheTimeIsOverOrThePublisherIsInterrupted() throws InterruptedException {
        BusSettings brief = settings(1, Overflow.BLOCK).withTimeouts(Duration.ofMillis(20), TestBus.LONG, TestBus.LONG);
        try (TestBus test = new TestBus(brief)) {
            holdUp(test);
            publish(test, 1, 1);

            assertThat(publish(test, 2, 2).getFirst().state()).isEqualTo(State.REJECTED);
            Thread.currentThread().interrupt();
            Publication interrupted = publish(test, 3, 3).getFirst();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(interrupted.state()).isEqualTo(State.REJECTED);
            gate.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void aListenerThatFloodsItsOwnSessionNeverWaits(Overflow overflow) throws InterruptedException {
        try (TestBus test = new TestBus(settings(3, overflow))) {
            test.listen(Tock.class, (event, context) -> {
                List<State> states = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    states.add(test.own.publish(new Tick(i)).state());
                }
                heard.add(""
                        + states.stream()
                                .filter(
                                        overflow == Overflow.DROP_OLDEST
                                                ? State.ACCEPTED::equals
                                                : State.REJECTED::equals)
                                .count());
            });
            test.listen(Tick.class, (event, context) -> {});

            test.own.publishAndWait(new Tock(), A).orElseThrow();

            assertThat(next()).isEqualTo(overflow == Overflow.DROP_OLDEST ? "10" : "7");
            assertThat(test.pauses).isEmpty();
        }
    }

    @Test
    void blockInACircleOverSessionsIsRejected() throws InterruptedException {
        try (TestBus test = new TestBus(settings(1, Overflow.BLOCK))) {
            CountDownLatch both = new CountDownLatch(2);
            test.listen(Tock.class, (event, context) -> {
                both.countDown();
                both.await();
                SendOptions other = context.session().equals("a") ? B : A;
                List<State> states = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    states.add(test.own.publish(new Tick(i), other).state());
                }
                heard.add(states.contains(State.REJECTED) ? "rejected" : "fine");
            });
            test.listen(Tick.class, (event, context) -> {});
            Publication one = test.own.publish(new Tock(), A);
            Publication two = test.own.publish(new Tock(), B);

            assertThat(one.await(TestBus.LONG)).isTrue();
            assertThat(two.await(TestBus.LONG)).isTrue();
            assertThat(List.of(next(), next())).contains("rejected");
        }
    }

    @Test
    void adaptiveDelaysInProportionToTheFillAboveTheHighWaterMark() throws InterruptedException {
        try (TestBus test = new TestBus(settings(10, Overflow.ADAPTIVE))) {
            holdUp(test);
            List<Publication> all = publish(test, 1, 11);

            assertThat(test.pauses)
                    .containsExactly(
                            Duration.ZERO,
                            Duration.ofMillis(100)
                                    .dividedBy(2)
                                    .plusNanos(test.pauses.get(1).toNanos() - 50_000_000),
                            Duration.ofMillis(100));
            assertThat(test.pauses.get(1).toMillis()).isBetween(49L, 51L);
            assertThat(all.getLast().state()).isEqualTo(State.REJECTED);
            gate.countDown();
        }
    }

    @Test
    void theHighWaterMarkCountsOnceUntilTheLowOneIsReached() throws InterruptedException {
        try (TestBus test = new TestBus(settings(10, Overflow.REJECT_NEW))) {
            holdUp(test);
            publish(test, 1, 7);
            assertThat(test.gauge("backpressure_active")).isEqualTo(0L);
            publish(test, 8, 10);

            assertThat(test.gauge("backpressure_active")).isEqualTo(1L);
            assertThat(test.gauge("queue_size")).isEqualTo(10);
            assertThat(test.counter("high_water_mark_hits_total")).isEqualTo(1);
            gate.countDown();
            for (int i = 0; i <= 10; i++) {
                next();
            }
            TestBus.await(() -> test.gauge("backpressure_active").equals(0L));
            TestBus.await(() -> test.gauge("queue_size").equals(0));
        }
    }

    @Test
    void theBusOwnFactsNeverHoldACommandUp() throws InterruptedException {
        try (TestBus test = new TestBus(settings(1, Overflow.BLOCK))) {
            test.own.handle(Ask.class, (command, context) -> 5);
            test.listen(CommandStarted.class, (event, context) -> {});
            holdUp(test);
            publish(test, 1, 1);

            assertThat(test.own.execute(new Ask(), A).orElseThrow()).isEqualTo(5);
            assertThat(test.counter("events_rejected_total")).isPositive();
            gate.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void manyPublishersAtATinyQueueGetAnAnswerForEachEvent(Overflow overflow) throws InterruptedException {
        try (TestBus test = new TestBus(settings(4, overflow))) {
            AtomicInteger handled = new AtomicInteger();
            test.listen(Tick.class, (event, context) -> handled.incrementAndGet());
            List<Publication> all = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Thread> publishers = IntStream.range(0, 8)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> all.addAll(publish(test, 1, 500))))
                    .toList();
            for (Thread publisher : publishers) {
                publisher.join();
            }
            all.forEach(one -> assertThat(one.await(TestBus.LONG)).isTrue());

            assertThat(all).hasSize(4000).extracting(Publication::state).doesNotContain(State.ACCEPTED);
            assertThat(all.stream().filter(one -> one.state() == State.HANDLED).count())
                    .isEqualTo(handled.get())
                    .isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5,0.5", "0.9,0", "1.1,0.5", "0.3,0.4"})
    void marksThatMakeNoSenseAreRefused(double high, double low) {
        BusSettings good = BusSettings.DEFAULT;
        assertThatThrownBy(() -> new BusSettings(
                        10,
                        Overflow.BLOCK,
                        high,
                        low,
                        good.maxDelay(),
                        good.blockTimeout(),
                        good.listenerTimeout(),
                        good.drainTimeout(),
                        10,
                        10))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.field()).contains("lowWater"));
    }

    @Test
    void whatIsLeftWhenTheBusStopsIsRejectedAndKeptIfItsPolicySaysSo() throws InterruptedException {
        TestBus test = new TestBus(
                settings(10, Overflow.BLOCK).withTimeouts(Duration.ZERO, TestBus.LONG, Duration.ofMillis(1)));
        test.policies.rules(List.of(PolicyTest.policy(0, 0, "*")));
        holdUp(test);
        List<Publication> left = publish(test, 1, 3);

        test.close();
        gate.countDown();

        assertThat(left).extracting(Publication::state).containsOnly(State.REJECTED);
        assertThat(test.letters.count()).isEqualTo(3);
        assertThat(test.letters.list("", "", 1).getFirst().errorCode()).isEqualTo("interrupted");
    }
}
