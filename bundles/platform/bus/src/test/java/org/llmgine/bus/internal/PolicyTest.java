package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.CircuitBreaker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.api.bus.DeadLettered;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.StoredMessage;

/** Retries, breakers and dead letters. */
class PolicyTest {
    private static final String WORK = "test/job/do";
    private static final SendOptions A = SendOptions.inSession("a");

    private final TestBus test = new TestBus();
    private final AtomicInteger calls = new AtomicInteger();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @MessageType(WORK)
    record Work(String what, Duration time, List<String> names) implements Command<String> {
        Work(String what) {
            this(what, Duration.ofMillis(1500), List.of("x", "y"));
        }
    }

    @MessageType("test/job/done")
    record Done(String what) implements Event {}

    record Live(Thread thread) implements Command<String> {}

    static MessagePolicy policy(int retries, int breaker, String... types) {
        return new MessagePolicy(
                Arrays.stream(types).map(TopicPattern::new).toList(),
                retries,
                Duration.ZERO,
                Duration.ZERO,
                false,
                breaker,
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                2,
                true);
    }

    @AfterEach
    void stop() {
        test.close();
    }

    private void failing(int times, LlmgineException failure) {
        test.own.handle(Work.class, (command, context) -> {
            calls.incrementAndGet();
            heard.add("attempt " + context.attempt());
            if (calls.get() <= times) {
                throw failure;
            }
            return command.what();
        });
    }

    private static LlmgineException retryable() {
        return new LlmgineException(ErrorCode.UNAVAILABLE, "Not now.");
    }

    @Test
    void withoutAPolicyNothingIsRetriedOrKept() {
        failing(9, retryable());

        assertThat(test.own.execute(new Work("x")).attempts()).isEqualTo(1);
        assertThat(test.letters.count()).isZero();
    }

    @Test
    void aCommandThatSucceedsIsNotRetried() {
        test.policies.rules(List.of(policy(3, 0, WORK)));
        failing(0, retryable());

        CommandResult<String> result = test.own.execute(new Work("x"));

        assertThat(result.orElseThrow()).isEqualTo("x");
        assertThat(result.attempts()).isEqualTo(1);
    }

    @Test
    void aCommandIsTriedAgainUntilItSucceedsAndToldOnce() {
        test.policies.rules(List.of(policy(3, 0, "test/*")));
        failing(2, retryable());
        AtomicInteger started = new AtomicInteger();
        test.listen(CommandStarted.class, (event, context) -> started.incrementAndGet());

        CommandResult<String> result = test.own.execute(new Work("x"));
        assertThat(test.counter("commands_sent_total{type=\"" + WORK + "\"}")).isEqualTo(1);
        test.close();

        assertThat(result.attempts()).isEqualTo(3);
        assertThat(result.succeeded()).isTrue();
        assertThat(heard).containsExactly("attempt 1", "attempt 2", "attempt 3");
        assertThat(started).hasValue(1);
        assertThat(test.letters.count()).isZero();
    }

    @Test
    void aFailureThatNoRetryMendsIsNotRetried() {
        test.policies.rules(List.of(policy(3, 0, WORK)));
        failing(9, new LlmgineException(ErrorCode.FORBIDDEN, "No."));

        assertThat(test.own.execute(new Work("x")).attempts()).isEqualTo(1);
    }

    @Test
    void noHandlerIsNotRetried() {
        test.policies.rules(List.of(policy(3, 0, WORK)));

        assertThat(test.own.execute(new Work("x")).attempts()).isZero();
        assertThat(test.letters.count()).isEqualTo(1);
    }

    @Test
    void whatIsGivenUpIsKeptAndTold() throws InterruptedException {
        test.policies.rules(List.of(policy(2, 0, WORK)));
        failing(9, retryable());
        test.listen(DeadLettered.class, (event, context) -> heard.add(event.type() + event.attempts()));

        CommandResult<String> result = test.own.execute(new Work("x"), A.with("k", "v"));

        assertThat(result.attempts()).isEqualTo(3);
        DeadLetter letter = test.deadLetters.list("", "", 10).getFirst();
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(letter.error()).isEqualTo("Not now.");
        assertThat(letter.errorCode()).isEqualTo("unavailable");
        assertThat(letter.listener()).isEmpty();
        assertThat(letter.first()).isEqualTo(TestBus.NOW);
        assertThat(letter.message())
                .isEqualTo(new StoredMessage(
                        StoredMessage.COMMAND,
                        WORK,
                        1,
                        "test.bundle",
                        Work.class.getName(),
                        "{\"what\":\"x\",\"time\":\"PT1.5S\",\"names\":[\"x\",\"y\"]}",
                        "a",
                        org.llmgine.api.Principal.ANONYMOUS,
                        java.util.Map.of("k", "v"),
                        result.commandId(),
                        java.util.Optional.empty()));
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(heard.poll(20, TimeUnit.SECONDS));
        }
        assertThat(all).contains(WORK + 3);
    }

    @Test
    void aLetterThatIsRetriedWithSuccessIsGone() {
        test.policies.rules(List.of(policy(0, 0, WORK)));
        failing(2, retryable());
        String key = test.own.execute(new Work("x"), A).commandId();
        String id = test.deadLetters.list(WORK, "", 10).getFirst().id();

        DeadLetters.Retried first = test.deadLetters.retry(id);
        assertThat(first.succeeded()).isFalse();
        assertThat(first.error()).isEqualTo("Not now.");
        assertThat(test.deadLetters.get(id).attempts()).isEqualTo(2);
        assertThat(test.deadLetters.get(id).message().idempotencyKey()).isEqualTo(key);
        DeadLetters.Retried second = test.deadLetters.retry(id);

        assertThat(second).isEqualTo(new DeadLetters.Retried(id, true, ""));
        assertThat(test.deadLetters.count()).isZero();
    }

    @Test
    void anEventIsRetriedWithTheListenerThatFailedOnly() {
        test.policies.rules(List.of(policy(0, 0, "test/job/done")));
        AtomicInteger good = new AtomicInteger();
        test.own.listen(Done.class, ListenerOptions.named("good"), (event, context) -> good.incrementAndGet());
        test.own.listen(Done.class, ListenerOptions.named("bad"), (event, context) -> {
            if (calls.incrementAndGet() < 3) {
                throw retryable();
            }
        });
        test.own.publishAndWait(new Done("x"), A);
        DeadLetter letter = test.deadLetters.list("", "", 10).getFirst();
        assertThat(letter.listener()).isEqualTo("bad");

        assertThat(test.deadLetters.retryAll(""))
                .extracting(DeadLetters.Retried::succeeded)
                .containsExactly(false);
        assertThat(test.deadLetters.retryAll("other")).isEmpty();
        assertThat(test.deadLetters.retryAll("test/job/done"))
                .extracting(DeadLetters.Retried::succeeded)
                .containsExactly(true);

        assertThat(good).hasValue(1);
        assertThat(test.deadLetters.count()).isZero();
    }

    @Test
    void aLetterWhoseListenerOrBundleIsAwayStays() {
        test.policies.rules(List.of(policy(0, 0, "test/*")));
        var registration = test.own.listen(Done.class, ListenerOptions.named("bad"), (event, context) -> {
            throw retryable();
        });
        test.own.publishAndWait(new Done("x"), A);
        String id = test.deadLetters.list("", "", 10).getFirst().id();
        registration.close();

        assertThat(test.deadLetters.retry(id).error()).contains("'bad' isn't there");
        test.bundles.away = true;
        assertThat(test.deadLetters.retry(id).error()).contains("test.bundle");
        assertThat(test.deadLetters.count()).isEqualTo(1);
    }

    @Test
    void lettersArePurgedSinglyAndAll() {
        test.policies.rules(List.of(policy(0, 0, "test/*")));
        failing(99, retryable());
        for (int i = 0; i < 4; i++) {
            test.own.execute(new Work("" + i));
        }
        List<DeadLetter> all = test.deadLetters.list("", "", 10);
        assertThat(test.deadLetters.list("", all.get(1).id(), 1)).containsExactly(all.get(2));

        test.deadLetters.purge(all.getFirst().id());

        assertThat(test.deadLetters.count()).isEqualTo(3);
        assertFails(() -> test.deadLetters.purge(all.getFirst().id()), ErrorCode.NOT_FOUND);
        assertFails(() -> test.deadLetters.get("none"), ErrorCode.NOT_FOUND);
        assertFails(() -> test.deadLetters.retry("none"), ErrorCode.NOT_FOUND);
        assertFails(() -> test.deadLetters.list("", "", 0), ErrorCode.INVALID_REQUEST);
        assertThat(test.deadLetters.purgeAll("other")).isZero();
        assertThat(test.deadLetters.purgeAll("")).isEqualTo(3);
    }

    private static void assertFails(Runnable call, ErrorCode code) {
        org.assertj.core.api.Assertions.assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theOldestLettersMakeRoom() {
        BusSettings few = new BusSettings(
                10, Overflow.BLOCK, 0.8, 0.5, Duration.ZERO, Duration.ZERO, TestBus.LONG, TestBus.LONG, 2, 2);
        try (TestBus small = new TestBus(few)) {
            small.policies.rules(List.of(policy(0, 0, "test/*")));
            for (int i = 0; i < 5; i++) {
                small.own.execute(new Work("" + i));
            }

            assertThat(small.letters.list("", "", 10))
                    .extracting(letter -> letter.message().payload().charAt(9))
                    .containsExactly('3', '4');
        }
    }

    @Test
    void whatCanNotBeStoredIsSaidAndDisturbsNothing() {
        test.policies.rules(List.of(policy(0, 0, "*")));

        assertThat(test.own.execute(new Live(Thread.currentThread())).succeeded())
                .isFalse();

        assertThat(test.letters.count()).isZero();
    }

    @Test
    void theBreakerOpensThroughTheBusAndRecoversThroughIt() {
        test.policies.rules(List.of(policy(0, 3, WORK)));
        failing(3, retryable());
        for (int i = 0; i < 3; i++) {
            assertThat(test.own.execute(new Work("x")).attempts()).isEqualTo(1);
        }

        CommandResult<String> refused = test.own.execute(new Work("x"));

        assertThat(refused.attempts()).isZero();
        assertThat(refused.failure()).hasValueSatisfying(e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(e.getMessage()).contains("left alone");
            assertThat(e.retryAfter())
                    .hasValueSatisfying(wait -> assertThat(wait).isPositive());
        });
        assertThat(test.gauge("circuit_breaker_state{type=\"" + WORK + "\"}")).isEqualTo("open");
        breaker().halfOpen();
        assertThat(test.gauge("circuit_breaker_state{type=\"" + WORK + "\"}")).isEqualTo("half_open");
        assertThat(test.own.execute(new Work("x")).succeeded()).isTrue();
        assertThat(test.own.execute(new Work("x")).succeeded()).isTrue();
        assertThat(breaker().isClosed()).isTrue();
    }

    private CircuitBreaker<Object> breaker() {
        return java.util.Objects.requireNonNull(test.policies.of(Work.class))
                .breaker()
                .orElseThrow();
    }

    @Test
    void aFailureInTheHalfOpenBreakerOpensItAgain() {
        test.policies.rules(List.of(policy(0, 1, WORK)));
        failing(2, retryable());
        test.own.execute(new Work("x"));
        breaker().halfOpen();

        test.own.execute(new Work("x"));

        assertThat(breaker().isOpen()).isTrue();
    }

    @Test
    void theBreakerForgetsWhatIsOlderThanItsWindow() {
        MessagePolicy brief = new MessagePolicy(
                List.of(new TopicPattern(WORK)),
                0,
                Duration.ZERO,
                Duration.ZERO,
                false,
                2,
                Duration.ofMillis(100),
                Duration.ofMinutes(1),
                1,
                false);
        test.policies.rules(List.of(brief));
        failing(99, retryable());
        test.own.execute(new Work("x"));
        long failed = System.nanoTime();
        TestBus.await(() -> System.nanoTime() - failed > Duration.ofMillis(250).toNanos());
        test.own.execute(new Work("x"));

        assertThat(breaker().isClosed()).isTrue();
    }

    @Test
    void theCallersOwnMistakesDontOpenTheBreaker() {
        test.policies.rules(List.of(policy(0, 1, WORK)));
        failing(99, new LlmgineException(ErrorCode.INVALID_REQUEST, "No."));

        test.own.execute(new Work("x"));

        assertThat(breaker().isClosed()).isTrue();
    }

    @Test
    void twoCommandsAreRetriedAtTheSameTime() throws InterruptedException {
        test.policies.rules(List.of(policy(4, 0, WORK)));
        test.own.handle(Work.class, (command, context) -> {
            if (context.attempt() < 4) {
                throw retryable();
            }
            return command.what();
        });
        BlockingQueue<String> results = new LinkedBlockingQueue<>();
        for (String what : List.of("a", "b")) {
            Thread.ofVirtual()
                    .start(() -> results.add(test.own.execute(new Work(what)).orElseThrow()));
        }

        assertThat(List.of(
                        String.valueOf(results.poll(20, TimeUnit.SECONDS)),
                        String.valueOf(results.poll(20, TimeUnit.SECONDS))))
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void pausesGrowToTheirLimitAndVaryByHalfAtMost() {
        MessagePolicy growing = new MessagePolicy(
                List.of(new TopicPattern(WORK)),
                5,
                Duration.ofMillis(100),
                Duration.ofMillis(400),
                true,
                0,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                1,
                false);
        var retries = Policies.Policy.retries(growing).getConfig();

        assertThat(retries.getDelay()).isEqualTo(Duration.ofMillis(100));
        assertThat(retries.getMaxDelay()).isEqualTo(Duration.ofMillis(400));
        assertThat(retries.getDelayFactor()).isEqualTo(2);
        assertThat(retries.getJitterFactor()).isEqualTo(0.5);
        MessagePolicy steady = new MessagePolicy(
                List.of(new TopicPattern(WORK)),
                1,
                Duration.ofMillis(100),
                Duration.ofMillis(50),
                false,
                0,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                1,
                false);
        assertThat(Policies.Policy.retries(steady).getConfig().getMaxDelay()).isNull();
    }

    @Test
    void aCommandThatIsInterruptedWhileItWaitsForItsRetryIsCancelled() throws InterruptedException {
        MessagePolicy slow = new MessagePolicy(
                List.of(new TopicPattern(WORK)),
                5,
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                false,
                0,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                1,
                false);
        test.policies.rules(List.of(slow));
        failing(99, retryable());
        BlockingQueue<CommandResult<String>> results = new LinkedBlockingQueue<>();
        Thread caller = Thread.ofPlatform().start(() -> results.add(test.own.execute(new Work("x"))));
        TestBus.await(() -> caller.getState() == Thread.State.TIMED_WAITING);

        caller.interrupt();

        CommandResult<String> result = java.util.Objects.requireNonNull(results.poll(20, TimeUnit.SECONDS));
        assertThat(result.failure())
                .hasValueSatisfying(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void theFirstPolicyThatNamesATypeCounts() {
        test.policies.rules(List.of(policy(1, 0, WORK), policy(5, 0, "test/*")));
        failing(99, retryable());

        assertThat(test.own.execute(new Work("x")).attempts()).isEqualTo(2);
    }

    @Test
    void aMessageOfAnotherVersionOrShapeIsNotRead() {
        test.policies.rules(List.of(policy(0, 0, WORK)));
        test.own.execute(new Work("x"));
        DeadLetter letter = test.deadLetters.list("", "", 1).getFirst();
        StoredMessage message = letter.message();
        test.letters.put(with(letter, "1", message, 2, message.payload(), message.className()));
        test.letters.put(with(letter, "2", message, 1, "{\"what\":[]}", message.className()));
        test.letters.put(with(letter, "3", message, 1, "{}", "java.lang.String"));

        assertThat(test.deadLetters.retry("1").error()).contains("version 2", "version 1");
        assertThat(test.deadLetters.retry("2").error()).contains("components have changed");
        assertThat(test.deadLetters.retry("3").succeeded()).isFalse();
        assertThat(test.deadLetters.count()).isEqualTo(4);
    }

    private static DeadLetter with(
            DeadLetter letter, String id, StoredMessage message, int version, String payload, String className) {
        return new DeadLetter(
                id,
                new StoredMessage(
                        message.kind(),
                        message.type(),
                        version,
                        message.bundle(),
                        className,
                        payload,
                        message.session(),
                        message.principal(),
                        message.metadata(),
                        message.idempotencyKey(),
                        message.cause()),
                letter.listener(),
                letter.attempts(),
                letter.errorCode(),
                letter.error(),
                letter.first(),
                letter.last());
    }
}
