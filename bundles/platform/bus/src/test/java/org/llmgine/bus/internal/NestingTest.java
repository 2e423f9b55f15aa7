package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.SendOptions;

/** Waiting within a handler: nothing may wait for itself. */
@Timeout(60)
class NestingTest {
    private static final SendOptions A = SendOptions.inSession("a");
    private static final SendOptions B = SendOptions.inSession("b");
    private static final SendOptions C = SendOptions.inSession("c");

    private final TestBus test = new TestBus();
    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();

    record Outer() implements Event {}

    record Inner(String text) implements Event {}

    record Ask() implements Command<State> {}

    @AfterEach
    void stop() {
        test.close();
    }

    private Object next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void anAwaitedEventOfTheSameSessionIsHandledAheadOfTheQueue() {
        test.listen(Inner.class, (event, context) -> heard.add(event.text()));
        test.listen(Outer.class, (event, context) -> {
            test.own.publish(new Inner("queued"));
            test.own.publishAndWait(new Inner("nested"), SendOptions.DEFAULT).orElseThrow();
            heard.add("outer");
        });

        test.own.publishAndWait(new Outer(), A).orElseThrow();
        test.own.publishAndWait(new Inner("end"), A);

        assertThat(heard).containsExactly("nested", "outer", "queued", "end");
    }

    @Test
    void nestingIsKnownByTheChainNotTheThread() {
        test.listen(Inner.class, (event, context) -> heard.add(event.text()));
        test.listen(Outer.class, (event, context) -> {
            Thread other = Thread.ofPlatform()
                    .start(() -> context.run(() -> test.own
                            .publishAndWait(new Inner("handed over"), SendOptions.DEFAULT)
                            .orElseThrow()));
            other.join();
            heard.add("outer");
        });

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(heard).containsExactly("handed over", "outer");
    }

    @Test
    void throughACommandItIsNestedToo() {
        test.own.handle(
                Ask.class,
                (command, context) -> test.own
                        .publishAndWait(new Inner("by command"), SendOptions.DEFAULT)
                        .state());
        test.listen(Inner.class, (event, context) -> heard.add(event.text()));
        test.listen(
                Outer.class,
                (event, context) -> heard.add(test.own.execute(new Ask()).orElseThrow()));

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(heard).containsExactly("by command", State.HANDLED);
    }

    @Test
    void aNestedEventsGroupRunsTogetherAndItsFailureIsTold() {
        CyclicBarrier together = new CyclicBarrier(2);
        for (int i = 0; i < 2; i++) {
            test.listen(Inner.class, (event, context) -> {
                together.await(20, TimeUnit.SECONDS);
                throw new IllegalStateException();
            });
        }
        test.listen(
                Outer.class,
                (event, context) -> heard.add(test.own
                        .publishAndWait(new Inner("x"), SendOptions.DEFAULT)
                        .failures()
                        .size()));

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(heard).containsExactly(2);
    }

    @Test
    void aSingleNestedListenersFailureIsToldToo() {
        test.listen(Inner.class, (event, context) -> {
            throw new IllegalStateException();
        });
        test.listen(
                Outer.class,
                (event, context) -> heard.add(test.own
                        .publishAndWait(new Inner("x"), SendOptions.DEFAULT)
                        .failures()
                        .size()));

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(heard).containsExactly(1);
    }

    @Test
    void anotherSessionIsWaitedFor() {
        test.listen(Inner.class, (event, context) -> heard.add(context.session() + event.text()));
        test.listen(Outer.class, (event, context) -> {
            test.own.publishAndWait(new Inner("1"), B).orElseThrow();
            Publication later = test.own.publish(new Inner("2"), B);
            assertThat(later.await(TestBus.LONG)).isTrue();
            heard.add("outer");
        });

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(heard).containsExactly("b1", "b2", "outer");
    }

    @Test
    void aCircleOverSessionsIsRejected() throws InterruptedException {
        test.listen(Inner.class, (event, context) -> {
            switch (context.session()) {
                case "b" -> test.own.publishAndWait(new Inner("on"), C).orElseThrow();
                case "c" -> {
                    Publication back = test.own.publishAndWait(new Inner("back"), A);
                    heard.add(back.state());
                    heard.add(back.reason());
                }
                default -> heard.add("never");
            }
        });
        test.listen(
                Outer.class,
                (event, context) ->
                        test.own.publishAndWait(new Inner("start"), B).orElseThrow());

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(next()).isEqualTo("REJECTED");
        assertThat((String) next()).contains("would never end");
        assertThat(heard).isEmpty();
    }

    @Test
    void twoSessionsThatWaitForEachOtherWithoutACommonCauseAreNotLocked() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        test.listen(Outer.class, (event, context) -> {
            both.await(20, TimeUnit.SECONDS);
            heard.add(test.own
                    .publishAndWait(new Inner("x"), context.session().equals("a") ? B : A)
                    .state());
        });
        test.listen(Inner.class, (event, context) -> {});

        Publication one = test.own.publish(new Outer(), A);
        Publication other = test.own.publish(new Outer(), B);

        assertThat(one.await(TestBus.LONG)).isTrue();
        assertThat(other.await(TestBus.LONG)).isTrue();
        assertThat(heard).contains(State.REJECTED).hasSize(2);
    }

    @Test
    void waitingForAnEventBehindOnesOwnIsRefusedAtOnce() throws InterruptedException {
        test.listen(Inner.class, (event, context) -> {});
        test.listen(Outer.class, (event, context) -> {
            Publication queued = test.own.publish(new Inner("queued"));
            try {
                queued.await(TestBus.LONG);
            } catch (LlmgineException e) {
                heard.add(e.code().equals(ErrorCode.INVALID_REQUEST));
            }
        });

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(next()).isEqualTo("true");
    }

    @Test
    void aContextThatIsOverNestsNothing() {
        AtomicReference<MessageContext> kept = new AtomicReference<>();
        test.listen(Outer.class, (event, context) -> kept.set(context));
        test.listen(Inner.class, (event, context) -> heard.add(context.session()));
        test.own.publishAndWait(new Outer(), A).orElseThrow();

        Objects.requireNonNull(kept.get())
                .run(() -> test.own
                        .publishAndWait(new Inner("late"), SendOptions.DEFAULT)
                        .orElseThrow());

        assertThat(heard).containsExactly("a");
    }

    @Test
    void twoNestedEventsOfOneComeOneAfterTheOther() throws InterruptedException {
        BlockingQueue<String> order = new LinkedBlockingQueue<>();
        test.listen(Inner.class, (event, context) -> {
            order.add("begin");
            Thread.yield();
            order.add("end");
        });
        test.listen(Outer.class, (event, context) -> {
            Runnable nested = () -> context.run(() -> test.own.publishAndWait(new Inner("n"), SendOptions.DEFAULT));
            Thread one = Thread.ofVirtual().start(nested);
            Thread two = Thread.ofVirtual().start(nested);
            one.join();
            two.join();
        });

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(order).containsExactly("begin", "end", "begin", "end");
    }

    @Test
    void whoGetsNoTurnToNestInTimeIsRejected() {
        AtomicReference<MessageContext> outer = new AtomicReference<>();
        test.listen(Inner.class, (event, context) -> {
            Thread other = Thread.ofVirtual()
                    .start(() -> Objects.requireNonNull(outer.get())
                            .run(() -> heard.add(test.own
                                    .publishAndWait(
                                            new Inner("second"), SendOptions.DEFAULT.withTimeout(Duration.ofMillis(50)))
                                    .state())));
            other.join();
        });
        test.listen(Outer.class, (event, context) -> {
            outer.set(context);
            test.own.publishAndWait(new Inner("first"), SendOptions.DEFAULT).orElseThrow();
        });

        test.own.publishAndWait(new Outer(), A).orElseThrow();

        assertThat(heard).containsExactly(State.REJECTED);
    }
}
