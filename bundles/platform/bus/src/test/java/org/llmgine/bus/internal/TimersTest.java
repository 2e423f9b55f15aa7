package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.llmgine.bus.internal.TimerNode.LONG;
import static org.llmgine.bus.internal.TimerNode.START;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.Schedule;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.StoredTimer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;

class TimersTest {
    private static final Principal ANN = new Principal("ann", Set.of(Principal.USER));
    private static final Duration HOUR = Duration.ofHours(1);
    private static final SendOptions PLAIN = SendOptions.DEFAULT;

    private final TimerNode.Clock clock = new TimerNode.Clock();
    private final InMemoryTimers shared = new InMemoryTimers();
    private final List<TimerNode> nodes = new ArrayList<>();
    private final TimerNode node = node();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @MessageType("test/timer/rang")
    record Rang(String text) implements Event {}

    @MessageType("test/timer/work")
    record Work(String text) implements Command<String> {}

    record Unstorable(Object thing) implements Event {}

    record Holding(Thread thread) implements Command<Void> {}

    private TimerNode node() {
        TimerNode made = new TimerNode(clock, shared);
        nodes.add(made);
        return made;
    }

    @AfterEach
    void stop() {
        nodes.forEach(TimerNode::close);
    }

    private void hear(TimerNode by) {
        by.listen(Rang.class, (event, context) -> heard.add(event.text()));
    }

    private void handle(TimerNode by, CommandHandler<Work, String> handler) {
        by.own.handle(Work.class, handler);
    }

    private TimerEntry once(Duration in, Event event) {
        return node.timers.schedule("", Schedule.once(clock.instant().plus(in)), event, PLAIN);
    }

    private TimerEntry get(String id) {
        return node.timers.find(id).orElseThrow();
    }

    private List<String> taken() {
        List<String> all = new ArrayList<>();
        heard.drainTo(all);
        return all;
    }

    // ---- times
    // -------------------------------------------------------------------------------------------------------

    @Test
    void anEventFiresAtItsTimeAmongOrdinaryOnes() {
        hear(node);
        once(Duration.ofMillis(1500), new Rang("later"));
        node.own.publishAndWait(new Rang("now"), PLAIN);
        node.settle();
        assertThat(taken()).containsExactly("now");

        node.advance(Duration.ofMillis(1499));
        assertThat(taken()).isEmpty();
        node.advance(Duration.ofMillis(1));
        assertThat(taken()).containsExactly("later");
        node.advance(HOUR);
        assertThat(taken()).isEmpty();
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    @Test
    void aTimeThatHasPassedFiresAtOnce() {
        hear(node);
        once(Duration.ofDays(-1000), new Rang("late"));

        node.settle();
        assertThat(taken()).containsExactly("late");
    }

    @Test
    void anIntervalHoldsItsPaceHoweverLateItIsLookedAt() {
        List<Instant> times = new ArrayList<>();
        node.listen(Rang.class, (event, context) -> times.add(clock.instant()));
        TimerEntry timer = node.timers.schedule("", Schedule.every(Duration.ofMinutes(10)), new Rang(""), PLAIN);

        assertThat(timer.next()).isEqualTo(START.plus(Duration.ofMinutes(10)));
        for (int i = 1; i <= 5; i++) {
            node.advance(Duration.ofMinutes(10).plusMillis(137));
            assertThat(get(timer.id()).next()).isEqualTo(START.plus(Duration.ofMinutes(10L * (i + 1))));
        }
        assertThat(times).hasSize(5);
        assertThat(get(timer.id()).lastRun()).contains(clock.instant());
    }

    @Test
    void whatWasMissedWhileNoHostRanFiresOnce() {
        hear(node);
        node.timers.schedule("", Schedule.every(HOUR, START.minusSeconds(60)), new Rang("hourly"), PLAIN);
        node.timers.schedule("", Schedule.cron("30 3 * * *", ZoneOffset.UTC), new Rang("nightly"), PLAIN);
        clock.set("2026-12-05T08:15:00Z");

        TimerNode restarted = node();
        hear(restarted);
        restarted.settle();
        assertThat(taken()).containsExactlyInAnyOrder("hourly", "nightly");
        assertThat(restarted.timers.list("", 9))
                .extracting(TimerEntry::next)
                .containsExactlyInAnyOrder(
                        Instant.parse("2026-12-05T08:59:00Z"), Instant.parse("2026-12-06T03:30:00Z"));
    }

    @Test
    void cronGoesByTheClockOfItsZone() {
        hear(node);
        clock.set("2026-10-23T22:00:00Z");
        TimerEntry timer = node.timers.schedule(
                "", Schedule.cron("30 2 * * *", ZoneId.of("Europe/Berlin")), new Rang("night"), PLAIN);
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            times.add(get(timer.id()).next());
            clock.set(times.getLast().toString());
            node.settle();
        }

        assertThat(times)
                .containsExactly(
                        Instant.parse("2026-10-24T00:30:00Z"),
                        Instant.parse("2026-10-25T00:30:00Z"),
                        Instant.parse("2026-10-26T01:30:00Z"));
        assertThat(taken()).hasSize(3);
    }

    @Test
    void aHundredTimersFireInOrder() {
        hear(node);
        List<Integer> order = new ArrayList<>(IntStream.range(0, 100).boxed().toList());
        Collections.shuffle(order, new Random(1));
        order.forEach(i -> once(Duration.ofMillis(1000 + i), new Rang(String.valueOf(i))));

        node.advance(Duration.ofSeconds(2));
        assertThat(taken())
                .isEqualTo(IntStream.range(0, 100).mapToObj(String::valueOf).toList());
    }

    @Test
    void aBacklogThatIsOverdueFiresInOrderAndAsFastAsItGoes() {
        hear(node);
        int count = 3 * TimerEngine.AT_ONCE + 7;
        IntStream.range(0, count).forEach(i -> once(Duration.ofMillis(count - i), new Rang(String.valueOf(i))));
        clock.advance(HOUR);
        TimerNode restarted = node();
        hear(restarted);

        restarted.settle();
        assertThat(taken())
                .isEqualTo(IntStream.range(0, count)
                        .mapToObj(i -> String.valueOf(count - 1 - i))
                        .toList());
    }

    @Test
    void anEventOfOneSessionDoesntWaitForThoseOfOthers() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        node.bus.interceptors(List.of(new Interceptor() {
            @Override
            public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
                if (context.session().equals("slow")) {
                    hold.await();
                }
                next.proceed();
            }
        }));
        node.listen(Rang.class, (event, context) -> heard.add(event.text()));
        for (String session : List.of("slow", "slow", "quick")) {
            node.timers.schedule("", Schedule.once(clock.instant()), new Rang(session), SendOptions.inSession(session));
        }

        node.round();
        assertThat(heard.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo("quick");
        assertThat(taken()).isEmpty();
        hold.countDown();
        node.settle();
        assertThat(node.engine.awaitIdle(LONG)).isTrue();
        assertThat(taken()).containsExactly("slow", "slow");
    }

    // ---- messages
    // ----------------------------------------------------------------------------------------------------

    @Test
    void aCommandComesWithAllThatBelongsToIt() {
        AtomicReference<MessageContext> seen = new AtomicReference<>();
        handle(node, (command, context) -> {
            seen.set(context);
            return command.text();
        });
        SendOptions options = SendOptions.inSession("s1")
                .withPrincipal(ANN)
                .with("trace", "17")
                .withTimeout(Duration.ofMinutes(2));
        TimerEntry timer = node.timers.schedule("work", Schedule.once(START.plusSeconds(9)), new Work("x"), options);
        node.advance(Duration.ofSeconds(10));

        assertThat(timer)
                .returns("work", TimerEntry::name)
                .returns("test.bundle", TimerEntry::origin)
                .returns(StoredMessage.COMMAND, TimerEntry::kind)
                .returns("test/timer/work", TimerEntry::type)
                .returns("s1", TimerEntry::session)
                .returns(ANN, TimerEntry::principal)
                .returns("once 2026-11-28T12:00:09Z", TimerEntry::schedule)
                .returns(TimerEntry.State.WAITING, TimerEntry::state)
                .returns(timer.id() + "@2026-11-28T12:00:09Z", TimerEntry::idempotencyKey);
        assertThat(seen.get())
                .returns("s1", MessageContext::session)
                .returns(ANN, MessageContext::principal)
                .returns(Map.of("trace", "17"), MessageContext::metadata)
                .returns("test.bundle", MessageContext::origin)
                .returns(timer.idempotencyKey(), MessageContext::idempotencyKey);
        assertThat(node.timers.find("work")).isEmpty();
    }

    @Test
    void aTimerInheritsFromTheMessageInWhoseHandlerItIsMade() {
        handle(node, (command, context) -> {
            node.timers.schedule("inner", Schedule.every(HOUR), new Rang(""), PLAIN);
            return context.id();
        });
        String id = node.own
                .execute(new Work(""), SendOptions.inSession("s1").withPrincipal(ANN))
                .orElseThrow();

        assertThat(get("inner")).returns("s1", TimerEntry::session).returns(ANN, TimerEntry::principal);
        assertThat(shared.find("inner").orElseThrow().message().cause()).contains(id);
    }

    @Test
    void aKeyOfTheSendersOwnIsTheBeginningOfEachRuns() {
        List<String> keys = new ArrayList<>();
        node.listen(Rang.class, (event, context) -> keys.add(context.idempotencyKey()));
        node.timers.schedule("", Schedule.every(HOUR), new Rang(""), PLAIN.withIdempotencyKey("report"));
        node.advance(HOUR);
        node.advance(HOUR);

        assertThat(keys).containsExactly("report@2026-11-28T13:00:00Z", "report@2026-11-28T14:00:00Z");
    }

    @Test
    void anEventIsDoneWhenItsListenersAre() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        node.listen(Rang.class, (event, context) -> {
            entered.countDown();
            hold.await();
        });
        TimerEntry timer = once(Duration.ZERO, new Rang(""));
        node.round();

        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(get(timer.id()).state()).isEqualTo(TimerEntry.State.CLAIMED);
        hold.countDown();
        node.settle();
        assertThat(node.engine.awaitIdle(LONG)).isTrue();
        assertThat(node.timers.find(timer.id())).isEmpty();
    }

    @Test
    void aFailingListenerIsToldAndTheTimerGoesOn() {
        node.listen(Rang.class, (event, context) -> {
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "No.");
        });
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Rang(""), PLAIN);
        node.advance(HOUR);

        assertThat(get(timer.id()))
                .returns("'listener': No.", TimerEntry::lastError)
                .returns(START.plus(HOUR.multipliedBy(2)), TimerEntry::next)
                .returns(0, TimerEntry::attempts);
    }

    @Test
    void anEventThatAFilterHoldsBackIsDone() {
        hear(node);
        node.bus.filters(List.of((event, context) -> false));
        TimerEntry timer = once(Duration.ZERO, new Rang(""));
        node.settle();

        assertThat(taken()).isEmpty();
        assertThat(node.timers.find(timer.id())).isEmpty();
    }

    // ---- list, names, refusals
    // ---------------------------------------------------------------------------------------

    @Test
    void theyAreListedByPagesFoundAndCancelled() {
        hear(node);
        IntStream.range(0, 7).forEach(i -> once(HOUR, new Rang("x")));
        TimerEntry named = node.timers.schedule("a/name", Schedule.every(HOUR), new Rang("x"), PLAIN);
        List<TimerEntry> all = new ArrayList<>(node.timers.list("", 5));
        all.addAll(node.timers.list(all.getLast().id(), 5));

        assertThat(all).hasSize(8).contains(named).extracting(TimerEntry::id).isSorted();
        assertThat(node.timers.find("a/name")).contains(named);
        assertThat(node.timers.find(named.id())).contains(named);
        assertThat(node.timers.cancel("a/name")).isTrue();
        assertThat(node.timers.cancel("a/name")).isFalse();
        all.forEach(timer -> node.timers.cancel(timer.id()));
        node.advance(HOUR);
        assertThat(taken()).isEmpty();
    }

    @Test
    void theSameScheduleUnderANameKeepsItsNextTime() {
        hear(node);
        TimerEntry first = node.timers.schedule("n", Schedule.every(HOUR), new Rang("old"), PLAIN);
        clock.advance(Duration.ofMinutes(59));
        TimerEntry second = node.timers.schedule("n", Schedule.every(HOUR), new Rang("new"), PLAIN);

        assertThat(second).isEqualTo(first);
        node.advance(Duration.ofMinutes(1));
        assertThat(taken()).containsExactly("new");
    }

    @Test
    void anotherScheduleUnderANameReplacesTheTimer() {
        hear(node);
        TimerEntry first = node.timers.schedule("n", Schedule.every(HOUR), new Rang("old"), PLAIN);
        TimerEntry second = node.timers.schedule("n", Schedule.every(HOUR.multipliedBy(2)), new Rang("new"), PLAIN);

        assertThat(node.timers.list("", 9)).containsExactly(second);
        assertThat(second.id()).isNotEqualTo(first.id());
        node.advance(HOUR);
        assertThat(taken()).isEmpty();
        node.advance(HOUR);
        assertThat(taken()).containsExactly("new");
    }

    @Test
    void aRefusalNamesTheField() {
        String tooLong = "n".repeat(201);
        assertRefused("name", () -> node.timers.schedule("a name", Schedule.once(START), new Rang(""), PLAIN));
        assertRefused("name", () -> node.timers.schedule("timer_1", Schedule.once(START), new Rang(""), PLAIN));
        assertRefused("name", () -> node.timers.schedule(tooLong, Schedule.once(START), new Rang(""), PLAIN));
        assertRefused("schedule", () -> node.timers.schedule("", cron("0 25 * * *"), new Rang(""), PLAIN));
        assertRefused("schedule", () -> node.timers.schedule("", cron("0 0 31 2 *"), new Rang(""), PLAIN));
        assertRefused("event", () -> node.timers.schedule("", cron("* * * * *"), new Unstorable(this), PLAIN));
        assertRefused(
                "command",
                () -> node.timers.schedule("", cron("* * * * *"), new Holding(Thread.currentThread()), PLAIN));
        node.bundles.name = "";
        assertRefused("event", () -> node.timers.schedule("", cron("* * * * *"), new Rang(""), PLAIN));
        assertRefused("limit", () -> node.timers.list("", 0));
        assertRefused("limit", () -> node.timers.list("", 1001));
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    private static Schedule cron(String expression) {
        return Schedule.cron(expression, ZoneOffset.UTC);
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains(field);
        });
    }

    @Test
    void aTimerIsCancelledWhileItRuns() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        handle(node, (command, context) -> {
            entered.countDown();
            hold.await();
            heard.add("done");
            return "";
        });
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Work(""), PLAIN);
        clock.advance(HOUR);
        node.round();
        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(node.timers.cancel(timer.id())).isTrue();
        clock.advance(Duration.ofSeconds(15));
        node.round();
        hold.countDown();
        assertThat(node.engine.awaitIdle(LONG)).isTrue();
        assertThat(taken()).containsExactly("done");
        node.advance(HOUR.multipliedBy(3));
        assertThat(taken()).isEmpty();
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    // ---- failures
    // ----------------------------------------------------------------------------------------------------

    @Test
    void aFailingCommandIsTriedAgainAFewTimesAndThenKept() {
        List<String> keys = new ArrayList<>();
        List<Duration> times = new ArrayList<>();
        handle(node, (command, context) -> {
            keys.add(context.idempotencyKey());
            times.add(Duration.between(START, clock.instant()));
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "No. " + "x".repeat(2000));
        });
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Work("a"), PLAIN.withPrincipal(ANN));
        node.advance(HOUR);
        assertThat(get(timer.id()))
                .returns(1, TimerEntry::attempts)
                .returns(START.plus(HOUR).plusSeconds(10), TimerEntry::next)
                .returns(timer.idempotencyKey(), TimerEntry::idempotencyKey)
                .satisfies(
                        now -> assertThat(now.lastError()).startsWith("No. x").hasSize(1000));
        for (int i = 0; i < 30; i++) {
            node.advance(Duration.ofSeconds(10));
        }

        assertThat(times).containsExactly(HOUR, HOUR.plusSeconds(10), HOUR.plusSeconds(50), HOUR.plusSeconds(210));
        assertThat(keys).hasSize(TimerEngine.ATTEMPTS).containsOnly(timer.idempotencyKey());
        DeadLetter letter = node.letters.list("", "", 9).getFirst();
        assertThat(letter.attempts()).isEqualTo(TimerEngine.ATTEMPTS);
        assertThat(letter.errorCode()).isEqualTo("provider_error");
        assertThat(letter.message().payload()).isEqualTo("{\"text\":\"a\"}");
        assertThat(letter.message().principal()).isEqualTo(ANN);
        assertThat(letter.message().idempotencyKey()).isEqualTo(timer.idempotencyKey());
        assertThat(get(timer.id()))
                .returns(0, TimerEntry::attempts)
                .returns(START.plus(HOUR.multipliedBy(2)), TimerEntry::next);
        node.advance(HOUR);
        assertThat(times).hasSize(5);
    }

    @Test
    void aCommandThatSucceedsAtLastLeavesNothingBehind() {
        AtomicInteger calls = new AtomicInteger();
        handle(node, (command, context) -> {
            if (calls.incrementAndGet() < 3) {
                throw new IllegalStateException("Not yet.");
            }
            return "";
        });
        node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN);
        for (int i = 0; i < 10; i++) {
            node.advance(Duration.ofSeconds(10));
        }

        assertThat(calls).hasValue(3);
        assertThat(node.letters.count()).isZero();
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    @Test
    void aTypeWithAPolicyThatKeepsDeadLettersIsLeftToIt() {
        AtomicInteger calls = new AtomicInteger();
        node.policies.rules(List.of(new MessagePolicy(
                List.of(new TopicPattern("test/timer/*")),
                1,
                Duration.ZERO,
                Duration.ZERO,
                false,
                0,
                HOUR,
                HOUR,
                1,
                true)));
        handle(node, (command, context) -> {
            calls.incrementAndGet();
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "No.");
        });
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Work(""), PLAIN);
        node.advance(HOUR);
        node.advance(Duration.ofMinutes(10));

        assertThat(calls).hasValue(2);
        assertThat(node.letters.count()).isEqualTo(1);
        assertThat(get(timer.id()))
                .returns("No.", TimerEntry::lastError)
                .returns(START.plus(HOUR.multipliedBy(2)), TimerEntry::next);
    }

    @Test
    void anEventThatIsRejectedIsTriedAgainAndThenKept() {
        hear(node);
        node.bus.interceptors(List.of(new Interceptor() {
            @Override
            public void aroundEvent(Event event, MessageContext context, EventChain next) {
                heard.add("tried");
                throw new LlmgineException(ErrorCode.OVERLOADED, "Full.");
            }
        }));
        once(Duration.ZERO, new Rang("never"));
        for (int i = 0; i < 30; i++) {
            node.advance(Duration.ofSeconds(10));
        }

        // Its letter is told of by an event, too.
        assertThat(taken()).hasSizeGreaterThanOrEqualTo(TimerEngine.ATTEMPTS).containsOnly("tried");
        assertThat(node.letters.list("test/timer/rang", "", 9))
                .hasSize(1)
                .first()
                .satisfies(letter -> {
                    assertThat(letter.message().kind()).isEqualTo(StoredMessage.EVENT);
                    assertThat(letter.error()).isEqualTo("Full.");
                });
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    @Test
    void aCommandThatTakesLongerThanItsTimeFails() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        handle(node, (command, context) -> {
            context.onCancel(cancelled::countDown);
            inside.countDown();
            new CountDownLatch(1).await();
            return "";
        });
        TimerEntry timer =
                node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN.withTimeout(Duration.ofMinutes(1)));
        node.round();
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        while (!node.engine.awaitIdle(Duration.ofMillis(1))) {
            node.bus.isDue(System.nanoTime() + HOUR.toNanos());
            node.bus.act();
        }

        assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(get(timer.id()).lastError()).isEqualTo("The command wasn't done within 60000 ms.");
    }

    // ---- bundles
    // -----------------------------------------------------------------------------------------------------

    @Test
    void aMessageWhoseBundleIsAwayWaitsForIt() {
        hear(node);
        TimerEntry timer = once(Duration.ZERO, new Rang("x"));
        node.bundles.away = true;
        node.settle();
        assertThat(get(timer.id()))
                .returns(TimerEntry.State.PARKED, TimerEntry::state)
                .returns(
                        "The type 'test/timer/rang' isn't there: the bundle 'test.bundle' is not active.",
                        TimerEntry::reason)
                .returns(timer.idempotencyKey(), TimerEntry::idempotencyKey)
                .returns(0, TimerEntry::attempts);
        node.advance(Duration.ofDays(400));
        assertThat(get(timer.id()).state()).isEqualTo(TimerEntry.State.PARKED);

        node.bundles.away = false;
        node.settle();
        assertThat(taken()).isEmpty();
        node.engine.bundleStarted();
        node.settle();
        assertThat(taken()).containsExactly("x");
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    @Test
    void itIsAlsoTriedAgainByItself() {
        hear(node);
        once(Duration.ZERO, new Rang("x"));
        node.bundles.away = true;
        node.settle();
        node.bundles.away = false;

        node.advance(TimerEngine.PARKED);
        assertThat(taken()).containsExactly("x");
    }

    @Test
    void aTimerThatWaitsForItsBundleOutlivesARestart() {
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Rang("x"), PLAIN);
        node.bundles.away = true;
        node.advance(HOUR);
        node.close();
        TimerNode restarted = node();
        hear(restarted);

        restarted.advance(TimerEngine.PARKED);
        assertThat(taken()).containsExactly("x");
        assertThat(restarted.timers.find(timer.id()).orElseThrow())
                .returns(TimerEntry.State.WAITING, TimerEntry::state)
                .returns("", TimerEntry::reason);
    }

    @Test
    void aCommandThatNobodyHandlesWaits() {
        TimerEntry timer = node.timers.schedule("", Schedule.once(START), new Work("x"), PLAIN);
        node.settle();
        assertThat(get(timer.id()))
                .returns(TimerEntry.State.PARKED, TimerEntry::state)
                .returns("Nobody handles the command 'test/timer/work'.", TimerEntry::reason);

        handle(node, (command, context) -> {
            heard.add(command.text());
            return "";
        });
        node.engine.bundleStarted();
        node.settle();
        assertThat(taken()).containsExactly("x");
        assertThat(node.letters.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"payload", "schedule", "cron", "version", "class"})
    void whatCantBeReadIsKept(String broken) {
        hear(node);
        TimerEntry good = once(Duration.ZERO, new Rang("good"));
        StoredTimer row = shared.find(good.id()).orElseThrow();
        StoredMessage message = row.message();
        StoredMessage wrong = new StoredMessage(
                message.kind(),
                message.type(),
                broken.equals("version") ? 99 : message.version(),
                message.bundle(),
                broken.equals("class") ? "java.lang.String" : message.className(),
                switch (broken) {
                    case "payload" -> "{broken";
                    case "class" -> "\"text\"";
                    default -> message.payload();
                },
                message.session(),
                message.principal(),
                message.metadata(),
                message.idempotencyKey(),
                message.cause());
        shared.put(new StoredTimer(
                "timer_bad",
                "",
                "",
                switch (broken) {
                    case "schedule" -> "whenever";
                    case "cron" -> "cron UTC 99 * * * *";
                    default -> row.schedule();
                },
                wrong,
                Optional.empty(),
                row.progress(),
                Optional.empty()));
        node.settle();
        node.advance(Duration.ofDays(30));

        assertThat(taken()).containsExactly("good");
        assertThat(node.timers.list("", 9)).hasSize(1).first().satisfies(bad -> {
            assertThat(bad.id()).isEqualTo("timer_bad");
            assertThat(bad.state()).isEqualTo(TimerEntry.State.PARKED);
            assertThat(bad.reason()).isNotEmpty();
        });
    }

    // ---- several hosts, and crashes
    // ----------------------------------------------------------------------------------

    @Test
    void ofTwoHostsOneFires() throws Exception {
        TimerNode other = node();
        Map<String, Integer> counts = new ConcurrentHashMap<>();
        for (TimerNode host : List.of(node, other)) {
            host.listen(Rang.class, (event, context) -> counts.merge(event.text(), 1, Integer::sum));
        }
        IntStream.range(0, 300).forEach(i -> once(Duration.ofSeconds(1), new Rang(String.valueOf(i))));
        clock.advance(Duration.ofSeconds(10));
        List<Thread> hosts = List.of(
                Thread.ofVirtual().start(node::settle), Thread.ofVirtual().start(other::settle));
        for (Thread host : hosts) {
            assertThat(host.join(LONG)).isTrue();
        }

        assertThat(counts)
                .hasSize(300)
                .allSatisfy((text, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void whatAnotherHostSchedulesIsSeenWithinFiveSeconds() {
        TimerNode other = node();
        hear(other);
        other.settle();
        once(Duration.ZERO, new Rang("x"));

        clock.advance(TimerEngine.LOOK.minusMillis(1));
        assertThat(other.round()).isFalse();
        other.advance(Duration.ofMillis(1));
        assertThat(taken()).containsExactly("x");
    }

    @Test
    void theClaimOfADeadHostLapses() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        List<String> keys = Collections.synchronizedList(new ArrayList<>());
        handle(node, (command, context) -> {
            keys.add(context.idempotencyKey());
            entered.countDown();
            hold.await();
            return "";
        });
        TimerNode other = node();
        handle(other, (command, context) -> {
            keys.add(context.idempotencyKey());
            return "";
        });
        node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN);
        node.round();
        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();

        // From here on the first host makes no round any more.
        other.advance(TimerEngine.LEASE.minusMillis(1));
        assertThat(keys).hasSize(1);
        other.advance(TimerEngine.LOOK);
        assertThat(keys).hasSize(2);
        assertThat(keys.get(1)).isEqualTo(keys.get(0));
        assertThat(other.timers.list("", 9)).isEmpty();
        // The first one wasn't dead after all, and changes nothing.
        hold.countDown();
        assertThat(node.engine.awaitIdle(LONG)).isTrue();
        assertThat(other.timers.list("", 9)).isEmpty();
    }

    @Test
    void aCrashBetweenHandlingAndCompletionFiresAgainWithTheSameKey() throws Exception {
        List<String> keys = Collections.synchronizedList(new ArrayList<>());
        TimerNode other = node();
        for (TimerNode host : List.of(node, other)) {
            host.listen(Rang.class, (event, context) -> keys.add(context.idempotencyKey()));
        }
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Rang(""), PLAIN);
        clock.advance(HOUR);
        node.store.failing = Set.of("complete");
        node.round();
        assertThat(node.store.failures.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo("complete");
        assertThat(keys).containsExactly(timer.idempotencyKey());

        other.advance(TimerEngine.LEASE);
        assertThat(keys).containsExactly(timer.idempotencyKey(), timer.idempotencyKey());
        assertThat(other.timers.find(timer.id()).orElseThrow().next()).isEqualTo(START.plus(HOUR.multipliedBy(2)));
        node.store.failing = Set.of();
        node.advance(TimerEngine.LOOK);
        assertThat(keys).hasSize(2);
    }

    @Test
    void aLongRunKeepsItsClaim() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        CommandHandler<Work, String> handler = (command, context) -> {
            heard.add("run");
            entered.countDown();
            hold.await();
            return "";
        };
        handle(node, handler);
        TimerNode other = node();
        handle(other, handler);
        TimerEntry timer = node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN);
        node.round();
        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 60; i++) {
            clock.advance(TimerEngine.LOOK);
            node.round();
            other.settle();
        }
        // A host that stood still takes up its own run, and doesn't begin another one.
        clock.advance(HOUR);
        node.round();
        other.settle();

        assertThat(taken()).containsExactly("run");
        assertThat(get(timer.id()).state()).isEqualTo(TimerEntry.State.CLAIMED);
        hold.countDown();
        assertThat(node.engine.awaitIdle(LONG)).isTrue();
        assertThat(node.timers.list("", 9)).isEmpty();
    }

    // ---- the store
    // ---------------------------------------------------------------------------------------------------

    @Test
    void whatCantBeStoredIsRefused() {
        hear(node);
        node.store.failing = Set.of("put");
        assertThatThrownBy(() -> once(Duration.ZERO, new Rang("x"))).hasMessage("The database is away.");

        node.store.failing = Set.of();
        node.advance(HOUR);
        assertThat(taken()).isEmpty();
        node.own.publishAndWait(new Rang("bus"), PLAIN);
        assertThat(taken()).containsExactly("bus");
    }

    @ParameterizedTest
    @ValueSource(strings = {"claim", "unpark"})
    void aStoreThatFailsIsAskedAgain(String method) {
        hear(node);
        once(Duration.ofSeconds(1), new Rang("x"));
        node.engine.bundleStarted();
        node.store.failing = Set.of(method);
        node.advance(Duration.ofSeconds(1));
        node.advance(TimerEngine.LOOK);
        assertThat(taken()).isEmpty();
        node.own.publishAndWait(new Rang("bus"), PLAIN);
        assertThat(taken()).containsExactly("bus");

        node.store.failing = Set.of();
        node.advance(TimerEngine.LOOK);
        assertThat(taken()).containsExactly("x");
    }

    @Test
    void aClaimThatWasMadeCountsEvenIfTheStoreFailsAfterIt() {
        hear(node);
        once(Duration.ZERO, new Rang("x"));
        node.store.failing = Set.of("nextDue");

        node.settle();
        assertThat(taken()).containsExactly("x");
    }

    @Test
    void whatARunCameToIsStoredWhenTheStoreIsBack() throws Exception {
        hear(node);
        TimerEntry timer = node.timers.schedule("", Schedule.every(HOUR), new Rang("x"), PLAIN);
        clock.advance(HOUR);
        node.store.failing = Set.of("complete");
        node.round();
        assertThat(node.store.failures.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo("complete");
        for (int i = 0; i < 20; i++) {
            clock.advance(TimerEngine.LOOK);
            node.round();
        }

        node.store.failing = Set.of();
        node.advance(TimerEngine.LOOK);
        assertThat(taken()).containsExactly("x");
        assertThat(get(timer.id())).returns(START.plus(HOUR.multipliedBy(2)), TimerEntry::next);
    }

    @Test
    void betweenTwoLooksTheStoreIsLeftAlone() {
        once(HOUR, new Rang("x"));
        node.settle();
        int before = node.store.calls.get();
        IntStream.range(0, 49).forEach(i -> node.advance(Duration.ofMillis(100)));
        assertThat(node.store.calls).hasValue(before);

        node.advance(Duration.ofMillis(100));
        assertThat(node.store.calls).hasValue(before + 2);
    }

    @Test
    void aClockThatIsPutBackDoesntStopTheLooking() {
        node.settle();
        clock.advance(HOUR.negated());

        assertThat(node.engine.isDue(System.nanoTime())).isFalse();
        assertThat(node.engine.isDue(System.nanoTime() + TimerEngine.LOOK.toNanos()))
                .isTrue();
    }

    // ---- the beginning and the end
    // -----------------------------------------------------------------------------------

    @Test
    void nothingFiresWhileTheBusDoesntRun() {
        once(Duration.ZERO, new Rang("x"));
        node.bus.stop();

        assertThat(node.round()).isFalse();
    }

    @Test
    void aClosingBusLetsRunsEnd() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        handle(node, (command, context) -> {
            entered.countDown();
            hold.await();
            return "";
        });
        node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN);
        node.round();
        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Thread closing = Thread.ofVirtual().start(node.engine::close);
        while (!node.engine.isClosed()) {
            Thread.onSpinWait();
        }

        once(node(), "later");
        clock.advance(TimerEngine.LEASE.dividedBy(2));
        node.round();
        assertThatThrownBy(() -> once(Duration.ZERO, new Rang("")))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        assertThat(shared.list("", 9))
                .filteredOn(timer -> timer.message().kind().equals(StoredMessage.COMMAND))
                .first()
                .satisfies(timer -> assertThat(timer.claim().orElseThrow().until())
                        .isEqualTo(clock.instant().plus(TimerEngine.LEASE)));
        hold.countDown();
        assertThat(closing.join(LONG)).isTrue();
        assertThat(shared.list("", 9))
                .hasSize(1)
                .allSatisfy(timer -> assertThat(timer.claim()).isEmpty());
    }

    private void once(TimerNode by, String text) {
        by.timers.schedule("", Schedule.once(clock.instant()), new Rang(text), PLAIN);
    }

    @Test
    void whatDoesntEndInTimeIsGivenBack() throws Exception {
        TimerNode leaving = new TimerNode(clock, shared, Duration.ofMillis(20));
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        handle(leaving, (command, context) -> {
            entered.countDown();
            hold.await();
            return "";
        });
        handle(node, (command, context) -> {
            heard.add(context.idempotencyKey());
            return "";
        });
        TimerEntry timer = leaving.timers.schedule("", Schedule.once(START), new Work(""), PLAIN);
        leaving.round();
        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        leaving.engine.close();

        node.settle();
        assertThat(taken()).containsExactly(timer.idempotencyKey());
        hold.countDown();
        assertThat(leaving.engine.awaitIdle(LONG)).isTrue();
        leaving.bus.stop();
    }

    @Test
    void aStoreThatFailsAtTheEndHindersNothing() {
        node.store.failing = Set.of("release");

        node.engine.close();
        assertThat(node.store.calls).hasPositiveValue();
    }

    @Test
    void anInterruptedWaitEnds() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        handle(node, (command, context) -> {
            hold.await();
            return "";
        });
        node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN);
        node.round();
        Thread.currentThread().interrupt();

        assertThat(node.engine.awaitIdle(LONG)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        hold.countDown();
    }

    @Test
    void oneMoreThanRunAtATimeRunsWhenOneEnds() throws Exception {
        CountDownLatch entered = new CountDownLatch(TimerEngine.AT_ONCE);
        CountDownLatch hold = new CountDownLatch(1);
        handle(node, (command, context) -> {
            if (command.text().equals("last")) {
                heard.add("last");
            } else {
                entered.countDown();
                hold.await();
            }
            return "";
        });
        IntStream.range(0, TimerEngine.AT_ONCE)
                .forEach(i -> node.timers.schedule("", Schedule.once(START), new Work(""), PLAIN));
        node.timers.schedule("", Schedule.once(START.plusMillis(1)), new Work("last"), PLAIN);
        clock.advance(Duration.ofSeconds(1));
        node.round();
        assertThat(entered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        clock.advance(TimerEngine.LOOK);
        node.round();
        assertThat(taken()).isEmpty();

        hold.countDown();
        assertThat(node.engine.awaitIdle(LONG)).isTrue();
        node.settle();
        assertThat(taken()).containsExactly("last");
    }

    @Test
    void theHostListensToBundlesAndIsWatchedUntilItEnds() {
        hear(node);
        once(Duration.ZERO, new Rang("x"));
        node.bundles.away = true;
        node.settle();
        node.bundles.away = false;
        List<String> calls = new ArrayList<>();
        BundleContext context = fake(BundleContext.class, calls);
        HostTimer timer = watch -> () -> calls.add("unwatched");
        TimerHost host = new TimerHost(context, node.engine, timer);
        BundleListener listener = host;

        listener.bundleChanged(new BundleEvent(BundleEvent.INSTALLED, fake(Bundle.class, new ArrayList<>())));
        node.settle();
        assertThat(taken()).isEmpty();
        listener.bundleChanged(new BundleEvent(BundleEvent.STARTED, fake(Bundle.class, new ArrayList<>())));
        node.settle();
        assertThat(taken()).containsExactly("x");
        assertThat(host.engine()).isSameAs(node.engine);
        host.close();
        assertThat(calls).containsExactly("addBundleListener", "removeBundleListener", "unwatched");
    }

    private static <T> T fake(Class<T> type, List<String> calls) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            calls.add(method.getName());
            return null;
        }));
    }
}
