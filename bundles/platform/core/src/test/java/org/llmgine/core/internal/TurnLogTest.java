package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;

class TurnLogTest {
    private static final TurnEnded END = new TurnEnded(new SessionTurn(
            "turn_1",
            "sess_1",
            SessionTurn.COMPLETED,
            "msg_1",
            "chat",
            "fake/demo",
            Instant.EPOCH,
            Optional.of(Instant.EPOCH),
            "stop",
            Optional.empty(),
            Optional.empty()));

    private final AtomicLong nanos = new AtomicLong(1);
    private final TurnLog log = new TurnLog(0, 100_000, nanos::get);

    @RepeatedTest(50)
    void readersWhoJoinWheneverSeeTheSameEventsOnceAndInOrder(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        List<StreamEvent> events = new ArrayList<>(IntStream.range(0, 1 + random.nextInt(400))
                .mapToObj(i -> new TextDelta("piece " + i))
                .toList());
        CompletableFuture<?> writing = TestHost.async(() -> {
            events.forEach(log::append);
            log.end(END);
            return END;
        });
        List<CompletableFuture<Boolean>> reading = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            long after = random.nextInt(events.size());
            reading.add(TestHost.async(() -> {
                TestHost.await(() -> log.bytes() > 0 && canReadAfter(after));
                assertThat(readAfter(after)).isEqualTo(expected(events, after));
                return true;
            }));
        }

        writing.get(10, TimeUnit.SECONDS);
        for (CompletableFuture<Boolean> reader : reading) {
            assertThat(reader.get(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(readAfter(0)).isEqualTo(expected(events, 0));
    }

    private boolean canReadAfter(long seq) {
        try (TurnReader reader = log.read(seq)) {
            return true;
        } catch (LlmgineException e) {
            return false;
        }
    }

    private List<TurnEvent> readAfter(long seq) {
        List<TurnEvent> read = new ArrayList<>();
        try (TurnReader reader = log.read(seq)) {
            TurnEvent event;
            while ((event = reader.next()) != null) {
                read.add(event);
            }
            assertThat(reader.isReady()).isTrue();
            assertThat(reader.next()).isNull();
        }
        return read;
    }

    private static List<TurnEvent> expected(List<StreamEvent> events, long after) {
        List<TurnEvent> expected = new ArrayList<>();
        for (int i = (int) after; i < events.size(); i++) {
            expected.add(new TurnEvent(i + 1, events.get(i)));
        }
        expected.add(new TurnEvent(events.size() + 1, END));
        return expected;
    }

    @Test
    void aReaderIsReadyWhenThereIsSomethingOrAnEnd() {
        try (TurnReader reader = log.read(0)) {
            assertThat(reader.isReady()).isFalse();
            log.append(new TextDelta("a"));
            assertThat(reader.isReady()).isTrue();
            reader.next();
            assertThat(reader.isReady()).isFalse();
            log.end(END);
            assertThat(reader.isReady()).isTrue();
            assertThat(reader.next()).isEqualTo(new TurnEvent(2, END));
            assertThat(reader.isReady()).isTrue();
            assertThat(reader.next()).isNull();
        }
        try (TurnReader behindTheEnd = log.read(2)) {
            assertThat(behindTheEnd.isReady()).isTrue();
            assertThat(behindTheEnd.next()).isNull();
        }
    }

    @Test
    void anEventThatIsNotThereCanNotBeTheLastKnownOne() {
        log.append(new TextDelta("a"));

        for (long seq : new long[] {-1, 2, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> log.read(seq)).isInstanceOfSatisfying(LlmgineException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                assertThat(e.field()).contains("after");
            });
        }
        nanos.addAndGet(5);
        assertThat(log.unreadNanos(nanos.get())).as("no reader was left").isEqualTo(5);
    }

    @RepeatedTest(50)
    void closingEndsAWaitAtOnceAndHarmsNoOtherReader() throws Exception {
        TurnReader closed = log.read(0);
        TurnReader other = log.read(0);
        CompletableFuture<TurnEvent> waiting = TestHost.async(closed::next);
        CompletableFuture<TurnEvent> goingOn = TestHost.async(other::next);

        closed.close();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        log.append(new TextDelta("a"));

        assertThat(goingOn.get(10, TimeUnit.SECONDS)).isEqualTo(new TurnEvent(1, new TextDelta("a")));
        assertThat(closed.isReady()).isTrue();
        assertThatThrownBy(closed::next).hasMessage("The reader was closed.");
        other.close();
    }

    @Test
    void anInterruptEndsAWait() throws Exception {
        TurnReader reader = log.read(0);
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        CompletableFuture<TurnEvent> waiting = TestHost.async(() -> {
            thread.complete(Thread.currentThread());
            return reader.next();
        });
        thread.get(10, TimeUnit.SECONDS).interrupt();

        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasMessageContaining("The reader was interrupted.");
    }

    @Test
    void theTimeWithoutAReaderBeginsWithTheLastOnesLeaving() {
        nanos.set(100);
        log.begin();
        assertThat(log.unreadNanos(130)).isEqualTo(30);
        TurnReader first = log.read(0);
        TurnReader second = log.read(0);
        nanos.set(200);
        first.close();
        first.close();
        assertThat(log.unreadNanos(250)).as("the second one reads").isZero();
        nanos.set(300);
        second.close();
        assertThat(log.unreadNanos(340)).isEqualTo(40);
    }

    @Test
    void whatDoesNotFitIsRefusedAndTheBeginningStays() {
        TurnLog small = new TurnLog(0, 1_000, nanos::get);
        small.append(new TextDelta("x".repeat(800)));

        assertThatThrownBy(() -> small.append(new TextDelta("x".repeat(100))))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
                    assertThat(e.hint()).contains("The limit is the setting turnLogMaxBytes.");
                });
        small.end(END);
        small.end(END);
        assertThatThrownBy(() -> small.append(new TextDelta("late"))).hasMessage("The turn is over.");

        try (TurnReader reader = small.read(0)) {
            assertThat(reader.next()).isEqualTo(new TurnEvent(1, new TextDelta("x".repeat(800))));
            assertThat(reader.next()).isEqualTo(new TurnEvent(2, END));
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void everyTextCounts() {
        String text = "x".repeat(500);
        ToolCall call = new ToolCall("1", "tool", text);
        ToolResult result = new ToolResult(
                List.of(new TextPart(text), new ImagePart(text, "auto"), new FilePart("f", text)), false);
        for (StreamEvent event : List.of(
                new TextDelta(text),
                new ReasoningDelta(text),
                new RefusalDelta(text),
                new StatusUpdate("phase", text),
                new ToolStarted(call))) {
            TurnLog one = new TurnLog(0, 10_000, nanos::get);
            one.append(event);
            assertThat(one.bytes()).as(event.toString()).isBetween(500L, 700L);
        }
        log.append(new ToolFinished(call, result, Duration.ZERO));
        assertThat(log.bytes()).isBetween(1500L, 1700L);
    }
}
