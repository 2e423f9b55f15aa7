package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.api.tool.ToolResult;

/**
 * What every engine has to do. A plugin's test class extends it; what its engine does otherwise, it says by a method that returns
 * {@code false}.
 */
public abstract class EngineContract {
    private static final int AT_ONCE = 8;
    private static final Message PROMPT = Message.user("How high is the Zugspitze?");
    private static final String ANSWER = "It is 2962 m high.";
    private static final ToolCall CALL = new ToolCall("call_1", "height", "{\"of\":\"Zugspitze\"}");

    /** Make the engine as it is after its activation; a new one each time. */
    protected abstract Engine newEngine();

    /** Call the method of the component that is marked {@code @Deactivate}, if it has one. */
    protected void deactivate(Engine engine) {
        // Many have none.
    }

    /** Tell whether the text of the last model call is what the caller gets. */
    protected boolean relaysAnswers() {
        return true;
    }

    /** Tell whether the answer is appended to the conversation. */
    protected boolean keepsAnswers() {
        return true;
    }

    /** Tell whether the tool calls of a model's answer are run by {@link org.llmgine.api.engine.Turn#callTools}. */
    protected boolean callsTools() {
        return true;
    }

    /** Tell whether a failure of the model ends the turn with that failure. */
    protected boolean passesFailures() {
        return true;
    }

    /** Return within what time that must have happened which happens at once, and a turn has ended. */
    protected Duration patience() {
        return Duration.ofSeconds(5);
    }

    /** A model that answers every request. */
    private static final class Model implements ModelProvider {
        private final Function<ModelRequest, ScriptedStream> answers;
        private final List<ScriptedStream> opened = new CopyOnWriteArrayList<>();

        Model(Function<ModelRequest, ScriptedStream> answers) {
            this.answers = answers;
        }

        static Model saying(String text) {
            return new Model(request -> ScriptedStream.text(text));
        }

        @Override
        public List<ModelInfo> models() {
            return List.of();
        }

        @Override
        public ModelStream open(ModelRequest request) {
            ScriptedStream stream = answers.apply(request);
            opened.add(stream);
            return stream;
        }

        void assertAllClosed() {
            assertThat(opened)
                    .as("the streams that were opened")
                    .isNotEmpty()
                    .allSatisfy(stream -> assertThat(stream.closes())
                            .as("how often one was closed")
                            .isPositive());
        }
    }

    private static Call<TurnOutcome> run(Engine engine, FakeTurn turn, TurnEmitter emitter) {
        return Call.virtual("the turn", () -> engine.run(turn, emitter));
    }

    private TurnOutcome answer(Engine engine, FakeTurn turn) throws InterruptedException {
        return run(engine, turn, turn.emitter()).await(patience()).value();
    }

    /** A turn has an answer and a reason for its end; usage and finish are the host's to tell. */
    @Test
    void answersAPrompt() throws InterruptedException {
        Model model = Model.saying(ANSWER);
        FakeTurn turn = new FakeTurn(model, PROMPT);

        TurnOutcome outcome = answer(newEngine(), turn);

        assertThat(outcome.isSuspended())
                .as("whether the turn waits for a tool")
                .isFalse();
        assertThat(outcome.finishReason()).as("why it ended").isNotBlank();
        assertThat(turn.emitter().text()).as("the text that the caller gets").isNotEmpty();
        assertThat(turn.emitter().events(UsageUpdate.class))
                .as("usage, which the host tells")
                .isEmpty();
        assertThat(turn.emitter().events(Finish.class))
                .as("finishes, which the host tells")
                .isEmpty();
        assertThat(turn.messages()).as("the conversation").startsWith(PROMPT);
    }

    /** The caller gets what the model says, piece by piece and in its order. */
    @Test
    void relaysTheAnswerInOrder() throws InterruptedException {
        assumeTrue(relaysAnswers(), "The engine has words of its own.");
        FakeTurn turn = new FakeTurn(Model.saying(ANSWER), PROMPT);

        answer(newEngine(), turn);

        assertThat(turn.emitter().events(TextDelta.class))
                .as("the pieces that the caller gets")
                .extracting(TextDelta::text)
                .containsExactly("It ", "is ", "2962 ", "m ", "high.");
    }

    /** What isn't appended is gone with the next prompt. */
    @Test
    void keepsItsAnswerInTheConversation() throws InterruptedException {
        assumeTrue(keepsAnswers(), "The engine keeps no answers.");
        FakeTurn turn = new FakeTurn(Model.saying(ANSWER), PROMPT);

        answer(newEngine(), turn);

        assertThat(turn.messages()).as("the conversation").hasSizeGreaterThan(1);
        assertThat(turn.messages().getLast().role()).as("who spoke last").isEqualTo(Role.ASSISTANT);
        assertThat(turn.messages().getLast().text())
                .as("the answer that is kept")
                .isEqualTo(turn.emitter().text());
    }

    /** A stream that is not closed holds its back-end's connection. */
    @Test
    void closesItsStreams() throws InterruptedException {
        Model model = Model.saying(ANSWER);
        answer(newEngine(), new FakeTurn(model, PROMPT));
        model.assertAllClosed();

        Model broken = new Model(request -> new ScriptedStream()
                .then(new TextDelta("It "))
                .thenFail(new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end broke off.")));
        FakeTurn turn = new FakeTurn(broken, PROMPT);
        run(newEngine(), turn, turn.emitter()).await(patience());
        broken.assertAllClosed();
    }

    /** The caller is told the back-end's own failure. */
    @Test
    void passesTheModelsFailureOn() throws InterruptedException {
        assumeTrue(passesFailures(), "The engine goes on when a model fails.");
        LlmgineException failure = new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end broke off.");
        FakeTurn turn = new FakeTurn(
                new Model(request ->
                        new ScriptedStream().then(new TextDelta("It ")).thenFail(failure)),
                PROMPT);

        LlmgineException thrown =
                run(newEngine(), turn, turn.emitter()).await(patience()).typedFailure();

        assertThat(thrown.code()).as("the failure's code").isEqualTo(failure.code());
        assertThat(thrown.getMessage()).as("the failure's message").contains(failure.getMessage());
        assertThat(turn.messages())
                .as("the conversation, which must not hold half an answer")
                .containsExactly(PROMPT);
    }

    /** A turn is cancelled by closing its stream. */
    @Test
    void endsWhenItIsCancelled() throws InterruptedException {
        Model model = new Model(request -> new ScriptedStream()
                .then(new TextDelta("It "))
                .thenWait()
                .then(new TextDelta("is."))
                .then(new Finish(Finish.STOP)));
        FakeTurn turn = new FakeTurn(model, PROMPT);
        Call<TurnOutcome> running = run(newEngine(), turn, turn.emitter());
        assertThat(running.awaitWaiting(patience()))
                .as("whether the turn waits for its model")
                .isTrue();

        turn.cancel();

        running.await(patience()).assertCancelled();
        model.assertAllClosed();
        assertThat(turn.messages())
                .as("the conversation, which must not hold half an answer")
                .containsExactly(PROMPT);
    }

    /** A reader that has left ends the turn. */
    @Test
    void endsWhenItsReaderLeaves() throws InterruptedException {
        Model model = Model.saying(ANSWER);
        FakeTurn turn = new FakeTurn(model, PROMPT);
        AtomicInteger emitted = new AtomicInteger();
        TurnEmitter leaving = event -> {
            emitted.incrementAndGet();
            throw new LlmgineException(ErrorCode.CANCELLED, "The reader has left.");
        };

        run(newEngine(), turn, leaving).await(patience()).assertCancelled();

        assertThat(emitted.get())
                .as("how often it emitted to a reader that has left")
                .isEqualTo(1);
        assertThat(model.opened)
                .as("the streams that were opened")
                .allSatisfy(stream -> assertThat(stream.closes())
                        .as("how often one was closed")
                        .isPositive());
    }

    /** A model that asks for a tool gets its result, and then answers. */
    @Test
    void runsTheToolsThatTheModelAsksFor() throws InterruptedException {
        assumeTrue(callsTools(), "The engine runs no tools.");
        FakeTurn turn = toolTurn();

        TurnOutcome outcome = answer(newEngine(), turn);

        assertThat(outcome.isSuspended())
                .as("whether the turn waits for a tool")
                .isFalse();
        checkToolConversation(turn);
    }

    /** A call that needs an approval suspends the turn, and another instance ends it: an engine keeps no state. */
    @Test
    void waitsForAnApprovalWithoutAThread() throws InterruptedException {
        assumeTrue(callsTools(), "The engine runs no tools.");
        FakeTurn turn = toolTurn().needsApproval(CALL.name(), true);

        TurnOutcome suspended = answer(newEngine(), turn);
        assertThat(suspended.pending()).as("the calls that the turn waits for").containsExactly(CALL);
        assertThat(turn.messages().getLast().toolCalls())
                .as("the calls that the conversation keeps")
                .containsExactly(CALL);

        turn.needsApproval(CALL.name(), false);
        TurnOutcome outcome = answer(newEngine(), turn);

        assertThat(outcome.isSuspended()).as("whether the turn still waits").isFalse();
        checkToolConversation(turn);
    }

    private static FakeTurn toolTurn() {
        Model model = new Model(request -> request.messages().getLast().role().equals(Role.TOOL)
                ? ScriptedStream.text(ANSWER)
                : ScriptedStream.calls(CALL));
        return new FakeTurn(model, PROMPT).tool(CALL.name(), call -> ToolResult.text("2962 m"));
    }

    private static void checkToolConversation(FakeTurn turn) {
        assertThat(turn.messages())
                .as("the conversation: prompt, call, result, answer")
                .extracting(Message::role)
                .containsExactly(Role.USER, Role.ASSISTANT, Role.TOOL, Role.ASSISTANT);
        assertThat(turn.messages().get(1).toolCalls())
                .as("the calls that were run")
                .containsExactly(CALL);
        assertThat(turn.messages().getLast().text()).as("the answer").isEqualTo(ANSWER);
    }

    /** One instance runs many turns, which know nothing of each other. */
    @Test
    void runsManyTurnsAtOnce() throws InterruptedException {
        Engine engine = newEngine();
        List<FakeTurn> turns = new ArrayList<>();
        List<Call<TurnOutcome>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            String own = "turn" + i;
            FakeTurn turn = new FakeTurn(
                    new Model(request -> ScriptedStream.text("It is " + own + " ")),
                    Message.user("Who is " + own + "?"));
            turns.add(turn);
            calls.add(run(engine, turn, turn.emitter()));
        }
        for (int i = 0; i < AT_ONCE; i++) {
            calls.get(i).await(patience()).value();
            String all =
                    turns.get(i).emitter().events().toString() + turns.get(i).messages();
            for (int other = 0; other < AT_ONCE; other++) {
                assertThat(all.contains("turn" + other))
                        .as("whether turn " + i + " shows something of turn " + other)
                        .isEqualTo(i == other);
            }
        }
    }

    /** A swap must let the former version's classes go. */
    @Test
    void leavesNothingBehind() throws InterruptedException {
        Leftovers.check(
                this::newEngine,
                engine -> {
                    FakeTurn turn = new FakeTurn(Model.saying(ANSWER), PROMPT);
                    engine.run(turn, turn.emitter());
                },
                this::deactivate,
                patience());
    }
}
