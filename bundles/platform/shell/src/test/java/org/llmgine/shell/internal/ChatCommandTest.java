package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;

@Timeout(20)
class ChatCommandTest {
    private static final TurnSummary SUMMARY = new TurnSummary("turn-1", "offline/demo", Optional.empty(), Finish.STOP);

    private final Screen screen = new Screen();

    @Test
    void theWordsAreAskedAndTheAnswerIsPrinted() throws Exception {
        List<RunTurn> asked = new ArrayList<>();
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, turn -> {
            asked.add(turn);
            return answer(turn, new ModelStarted("offline/demo"), new TextDelta("Good "), new TextDelta("day."));
        }));
        command.text = List.of("Say", "hello");
        command.model = "offline/demo";

        command.execute();

        assertThat(screen.text()).isEqualTo("Good day.\n");
        assertThat(asked.getFirst().request().model()).isEqualTo("offline/demo");
        assertThat(asked.getFirst().request().messages()).containsExactly(Message.user("Say hello"));
        assertThat(asked.getFirst().principal().name()).isEqualTo("ada");
    }

    @Test
    void eachPieceIsPrintedBeforeTheNextIsTaken() throws Exception {
        StringBuilder seen = new StringBuilder();
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, turn -> {
            turn.emitter().emit(new TextDelta("one "));
            turn.emitter().emit(new TextDelta("two"));
            seen.append(screen.text());
            return answer(turn);
        }));

        command.execute();

        assertThat(seen.toString()).startsWith("one ");
    }

    @Test
    void toolsRefusalsAndCutsAreShownOnLinesOfTheirOwn() throws Exception {
        ChatCommand command = chat(new FakeHost()
                .on(
                        RunTurn.class,
                        turn -> answer(
                                turn,
                                new TextDelta("Let me see."),
                                new ToolStarted(new ToolCall("c1", "calculate", "{\"expression\":\"17*23\"}")),
                                new RefusalDelta("I'd rather not.\n"),
                                new TextDelta("39"),
                                new Finish(Finish.LENGTH),
                                new TextDelta("1"),
                                new Finish(Finish.CONTENT_FILTER),
                                new Finish(Finish.STOP))));

        command.execute();

        assertThat(screen.text()).isEqualTo("""
                        Let me see.
                        [calculate {"expression":"17*23"}]
                        I'd rather not.
                        39
                        [cut at the token limit]
                        1
                        [cut by the provider's content filter]
                        """);
    }

    @Test
    void aFailureInMidAnswerIsReportedBelowIt() {
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, turn -> {
            turn.emitter().emit(new TextDelta("Half an ans"));
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end broke off.").withHint("Ask again.");
        }));

        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("The back-end broke off.")
                .satisfies(e -> assertThat(e.getNiceHelp()).contains("Ask again."));
        assertThat(screen.text()).isEqualTo("Half an ans\n");
    }

    @Test
    void aDefectOfTheHostEndsTheCommandToo() {
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, turn -> {
            throw new NoClassDefFoundError("gone");
        }));

        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("The host failed.");
    }

    @Test
    void anInterruptStopsTheAnswerNotTheShell() throws Exception {
        CountDownLatch printed = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, turn -> {
            turn.cancellation().onCancel(cancelled::countDown);
            turn.emitter().emit(new TextDelta("An endless "));
            printed.countDown();
            await(cancelled);
            turn.emitter().emit(new TextDelta("story"));
            turn.cancellation().check();
            return SUMMARY;
        }));
        AtomicReference<Object> outcome = new AtomicReference<>("still running");
        Thread shell = Thread.ofPlatform().start(() -> {
            try {
                outcome.set(command.execute());
            } catch (Exception e) {
                outcome.set(e);
            }
        });

        await(printed);
        shell.interrupt();
        shell.join();

        assertThat(outcome.get()).isNull();
        assertThat(screen.text()).isEqualTo("An endless ");
    }

    @Test
    void aSecondInterruptLeavesATurnThatDoesNotEnd() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, turn -> {
            turn.cancellation().onCancel(cancelled::countDown);
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            try {
                turn.emitter().emit(new TextDelta("too late"));
            } catch (LlmgineException e) {
                refused.countDown();
                throw e;
            }
            return SUMMARY;
        }));
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread shell = Thread.ofPlatform().start(() -> {
            try {
                outcome.set(command.execute());
            } catch (Exception e) {
                outcome.set(e);
            }
        });

        shell.interrupt();
        await(cancelled);
        shell.interrupt();
        shell.join();

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        await(refused);
    }

    @Test
    void aClosedPipeCancelsTheTurn() {
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, ChatCommandTest::untilCancelled));
        command.out = closed();

        assertThatIsCancelled(command);
    }

    @Test
    void aClosedSessionCancelsTheTurn() {
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, ChatCommandTest::untilCancelled));
        command.session = Screen.session(closed());

        assertThatIsCancelled(command);
    }

    private static TurnSummary untilCancelled(RunTurn turn) {
        CountDownLatch cancelled = new CountDownLatch(1);
        turn.cancellation().onCancel(cancelled::countDown);
        turn.emitter().emit(new TextDelta("to nobody"));
        await(cancelled);
        turn.cancellation().check();
        return SUMMARY;
    }

    private static void assertThatIsCancelled(ChatCommand command) {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .satisfies(e -> assertThat(e.getCause())
                        .isInstanceOfSatisfying(
                                LlmgineException.class,
                                cause -> assertThat(cause.code()).isEqualTo(ErrorCode.CANCELLED)));
    }

    /** A stream whose reader has gone. */
    private static PrintStream closed() {
        PrintStream stream = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("closed");
            }
        });
        stream.print("what was on the way");
        return stream;
    }

    private ChatCommand chat(FakeHost host) {
        ChatCommand command = screen.show(new ChatCommand(), host);
        command.session = Screen.session(screen.out);
        return command;
    }

    private static TurnSummary answer(RunTurn turn, StreamEvent... events) {
        for (StreamEvent event : events) {
            turn.emitter().emit(event);
        }
        return SUMMARY;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
