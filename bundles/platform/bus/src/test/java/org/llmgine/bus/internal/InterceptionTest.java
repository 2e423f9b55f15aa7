package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.BusSession;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionOptions;
import org.llmgine.bus.internal.Shop.Changed;
import org.llmgine.bus.internal.Shop.Count;
import org.llmgine.bus.internal.Shop.Paid;
import org.llmgine.bus.internal.Shop.Place;
import org.llmgine.bus.internal.Shop.Placed;
import org.osgi.framework.ServiceReference;

/** Interceptors and filters on a real bus. */
final class InterceptionTest {
    private final HandBuiltBus host = new HandBuiltBus();
    private final List<String> steps = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        host.close();
    }

    /** Notes what it stands around. */
    private final class Noting implements Interceptor {
        private final String name;

        Noting(String name) {
            this.name = name;
        }

        @Override
        public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
                throws Exception {
            steps.add(name + " before " + TypeInfo.of(command.getClass()).name());
            try {
                return next.proceed();
            } finally {
                steps.add(name + " after " + TypeInfo.of(command.getClass()).name());
            }
        }

        @Override
        public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
            steps.add(name + " publishes " + TypeInfo.of(event.getClass()).name());
            next.proceed();
        }

        @Override
        public void aroundListener(Event event, MessageContext context, String listener, EventChain next)
                throws Exception {
            steps.add(name + " calls " + listener);
            next.proceed();
        }
    }

    private void handlePlace() {
        host.face.handle(Place.class, (command, context) -> {
            steps.add("handler");
            return command.what();
        });
    }

    private void listen(String name) {
        host.face.listen(
                Event.class, ListenerOptions.named(name).withTopics("shop/*"), (event, context) -> steps.add(name));
    }

    private Publication publish(Event event) {
        return host.face.publishAndWait(event, SendOptions.DEFAULT);
    }

    @Test
    void theHighestRankingIsTheOutermost() {
        Ranked<Interceptor> ranked = new Ranked<>(host.bus::interceptors);
        ServiceReference<?> inner = new FakeReference<>(1, Map.of("service.ranking", -1));
        ranked.add(inner, new Noting("inner"));
        ranked.add(new FakeReference<>(2, Map.of()), new Noting("middle"));
        ranked.add(new FakeReference<>(3, Map.of("service.ranking", 5)), new Noting("outer"));
        handlePlace();

        host.face.execute(new Place("a"));

        assertThat(steps)
                .containsExactly(
                        "outer before shop/order/place",
                        "middle before shop/order/place",
                        "inner before shop/order/place",
                        "handler",
                        "inner after shop/order/place",
                        "middle after shop/order/place",
                        "outer after shop/order/place");

        steps.clear();
        ranked.remove(inner);
        listen("listener");
        publish(new Placed("a"));

        assertThat(steps)
                .containsExactly(
                        "outer publishes shop/order/placed",
                        "middle publishes shop/order/placed",
                        "outer calls listener",
                        "middle calls listener",
                        "listener");
    }

    @Test
    void whatRunsEndsWithTheChainThatItBeganWith() throws Exception {
        host.with(new Noting("old"));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        host.face.handle(Place.class, (command, context) -> {
            inside.countDown();
            goOn.await();
            return "done";
        });
        host.face.handle(Count.class, (command, context) -> "counted");
        Thread running = Thread.ofVirtual().start(() -> host.face.execute(new Place("a")));
        inside.await();

        host.with(new Noting("new"));
        host.face.execute(new Count("a"));
        goOn.countDown();
        running.join();

        assertThat(steps)
                .containsExactly(
                        "old before shop/order/place",
                        "new before shop/stock/count",
                        "new after shop/stock/count",
                        "old after shop/order/place");
    }

    @Test
    void interceptorsAreReplacedWhileCommandsRun() throws Exception {
        AtomicInteger counted = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        host.face.handle(Count.class, (command, context) -> command.what());
        Interceptor[] generations = new Interceptor[2];
        for (int i = 0; i < generations.length; i++) {
            generations[i] = new Interceptor() {
                @Override
                public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
                        throws Exception {
                    counted.incrementAndGet();
                    return next.proceed();
                }
            };
        }
        host.with(generations[0]);
        List<Thread> senders = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
            senders.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 500; i++) {
                    CommandResult<String> result = host.face.execute(new Count("n" + i));
                    if (!("n" + i).equals(result.value())) {
                        failure.set(new AssertionError(result.toString()));
                    }
                }
            }));
        }
        for (int i = 0; senders.stream().anyMatch(Thread::isAlive); i++) {
            host.with(generations[i % 2]);
            Thread.onSpinWait();
        }
        for (Thread sender : senders) {
            sender.join();
        }

        assertThat(failure).hasValue(null);
        assertThat(counted).hasValue(2000);
    }

    @Test
    void eachAttemptOfACommandGoesThroughThem() {
        host.withRetries(2).with(new Noting("i"));
        AtomicInteger attempts = new AtomicInteger();
        host.face.handle(Place.class, (command, context) -> {
            if (attempts.incrementAndGet() < 3) {
                throw new LlmgineException(ErrorCode.UNAVAILABLE, "Not yet.");
            }
            return "done";
        });

        CommandResult<String> result = host.face.execute(new Place("a"));

        assertThat(result.orElseThrow()).isEqualTo("done");
        assertThat(result.attempts()).isEqualTo(3);
        assertThat(steps).hasSize(6).containsOnly("i before shop/order/place", "i after shop/order/place");
    }

    @Test
    void aDeadLetterThatIsTriedAgainGoesThroughThem() {
        host.withRetries(0).with(new Noting("i"));
        host.face.handle(Place.class, (command, context) -> {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "Not yet.");
        });
        host.face.execute(new Place("a"));
        steps.clear();

        try {
            host.bus.resend(new Place("a"), SendOptions.DEFAULT);
        } catch (LlmgineException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        }

        assertThat(steps).containsExactly("i before shop/order/place", "i after shop/order/place");
    }

    @Test
    void aSessionsHandlersAndListenersArePartOfIt() {
        host.with(new Noting("i"));
        BusSession session = host.face.openSession(SessionOptions.withId("s"));
        session.handle(Place.class, (command, context) -> "in the session");
        session.listen(Placed.class, ListenerOptions.named("own"), (event, context) -> steps.add("own"));

        assertThat(session.execute(new Place("a")).orElseThrow()).isEqualTo("in the session");
        assertThat(session.publish(new Placed("a")).await(Duration.ofSeconds(10)))
                .isTrue();

        assertThat(steps)
                .containsExactly(
                        "i before shop/order/place",
                        "i after shop/order/place",
                        "i publishes shop/order/placed",
                        "i calls own",
                        "own");
    }

    @Test
    void nestedCommandsAndEventsArePartOfItAlsoWhenTheyAreAwaited() {
        host.with(new Noting("i"));
        handlePlace();
        host.face.listen(Placed.class, ListenerOptions.named("first"), (event, context) -> {
            host.face.execute(new Place("nested"));
            host.face.publishAndWait(new Paid("nested"), SendOptions.DEFAULT);
        });
        host.face.listen(Paid.class, ListenerOptions.named("second"), (event, context) -> {});

        publish(new Placed("a")).orElseThrow();

        assertThat(steps)
                .containsExactly(
                        "i publishes shop/order/placed",
                        "i calls first",
                        "i before shop/order/place",
                        "handler",
                        "i after shop/order/place",
                        "i publishes shop/order/paid",
                        "i calls second");
    }

    @Test
    void oneThatThrowsAroundACommandFailsIt() {
        host.with(new ValidationInterceptor(Settings.of(ValidationConfig.class, "requireSession", true)));
        handlePlace();

        CommandResult<String> result = host.face.execute(new Place("a"));

        assertThat(result.failure()).hasValueSatisfying(e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains("session");
        });
        assertThat(steps).isEmpty();
        assertThat(host.face.execute(new Place("a"), SendOptions.inSession("s")).succeeded())
                .isTrue();
    }

    @Test
    void oneThatThrowsAroundAnEventHasItRejected() {
        host.with(new RateLimitInterceptor(Settings.of(RateLimitConfig.class, "permitsPerSecond", 0.001, "burst", 1)));
        listen("listener");

        assertThat(publish(new Placed("a")).state()).isEqualTo(State.HANDLED);
        Publication second = publish(new Placed("a"));
        assertThat(second.state()).isEqualTo(State.REJECTED);
        assertThat(second.reason()).contains("shop/order/placed");
        assertThat(publish(new Changed("a")).state()).isEqualTo(State.HANDLED);
        assertThat(steps).containsExactly("listener", "listener");
    }

    @Test
    void oneThatThrowsAroundAListenerFailsItAlone() {
        host.with(new Interceptor() {
            @Override
            public void aroundListener(Event event, MessageContext context, String listener, EventChain next)
                    throws Exception {
                if (listener.equals("bad")) {
                    throw new LlmgineException(ErrorCode.FORBIDDEN, "Not you.");
                }
                next.proceed();
            }
        });
        listen("bad");
        listen("good");

        Publication publication = publish(new Placed("a"));

        assertThat(steps).containsExactly("good");
        assertThat(publication.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.listener()).isEqualTo("bad");
            assertThat(failure.failure().code()).isEqualTo(ErrorCode.FORBIDDEN);
        });
    }

    @Test
    void theBusOwnFactsAreNotLimited() {
        host.with(new RateLimitInterceptor(
                Settings.of(RateLimitConfig.class, "permitsPerSecond", 0.001, "key", RateLimitConfig.Key.SESSION)));
        CountDownLatch told = new CountDownLatch(1);
        host.face.listen(CommandStarted.class, ListenerOptions.named("facts"), (event, context) -> told.countDown());
        handlePlace();

        assertThat(host.face.execute(new Place("a")).succeeded()).isTrue();
        assertThat(told).satisfies(CountDownLatch::await);
    }

    // ---- filters ----

    @Test
    void whatAFilterHoldsBackReachesNoListener() {
        host.with(new TypeFilter(Settings.of(TypeFilterConfig.class, "exclude", Settings.list("shop/stock/*"))));
        listen("listener");

        assertThat(publish(new Placed("a")).state()).isEqualTo(State.HANDLED);
        assertThat(publish(new Changed("a")).state()).isEqualTo(State.FILTERED);
        assertThat(steps).containsExactly("listener");
        assertThat(host.registry.counter("llmgine_bus_events_filtered_total").getCount())
                .isEqualTo(1);
    }

    @Test
    void theHighestRankingIsAskedFirstAndTheFirstNoIsTheLast() {
        Ranked<EventFilter> ranked = new Ranked<>(host.bus::filters);
        ranked.add(new FakeReference<>(1, Map.of("service.ranking", "1")), asked("low", true));
        ranked.add(new FakeReference<>(2, Map.of("service.ranking", "30")), asked("high", true));
        ranked.add(new FakeReference<>(3, Map.of("service.ranking", "20")), asked("middle", false));
        listen("listener");

        assertThat(publish(new Placed("a")).state()).isEqualTo(State.FILTERED);
        assertThat(steps).containsExactly("high", "middle");
    }

    private EventFilter asked(String name, boolean answer) {
        return (event, context) -> {
            steps.add(name);
            return answer;
        };
    }

    @Test
    void oneThatThrowsCountsAsPassAndTheOthersAreStillAsked() {
        EventFilter broken = (event, context) -> {
            throw new IllegalStateException("broken");
        };
        listen("listener");

        host.with(broken);
        assertThat(publish(new Placed("a")).state()).isEqualTo(State.HANDLED);
        host.with(broken, asked("next", false));
        assertThat(publish(new Placed("a")).state()).isEqualTo(State.FILTERED);
        assertThat(steps).containsExactly("listener", "next");
    }

    @Test
    void nestedAndSessionsEventsAreAskedAboutToo() {
        host.with(new SessionFilter(Settings.of(SessionFilterConfig.class, "exclude", Settings.list("mute"))));
        BusSession mute = host.face.openSession(SessionOptions.withId("mute"));
        mute.listen(Placed.class, ListenerOptions.named("own"), (event, context) -> steps.add("own"));
        listen("listener");
        AtomicReference<State> nested = new AtomicReference<>();
        host.face.listen(Paid.class, ListenerOptions.named("nesting"), (event, context) -> {
            SendOptions there = SendOptions.inSession("mute");
            nested.set(host.face.publishAndWait(new Changed("a"), there).state());
        });

        assertThat(mute.publish(new Placed("a")).state()).isEqualTo(State.FILTERED);
        assertThat(publish(new Paid("a")).state()).isEqualTo(State.HANDLED);
        assertThat(nested).hasValue(State.FILTERED);
        assertThat(steps).containsExactly("listener");
    }

    @Test
    void filtersAreReplacedLive() {
        listen("listener");
        host.with(asked("no", false));
        assertThat(publish(new Placed("a")).state()).isEqualTo(State.FILTERED);

        host.with(new EventFilter[0]);
        assertThat(publish(new Placed("a")).state()).isEqualTo(State.HANDLED);
    }
}
