package org.llmgine.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;

/** The contract of engines lets a good engine pass, and each check finds a defect. */
class EngineContractTest {
    /** Is a new engine each time, which a lambda alone need not be. */
    record Made(Engine lambda) implements Engine {
        @Override
        public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
            return lambda.run(turn, emitter);
        }
    }

    /** Relays one answer. */
    static class Relay implements Engine {
        @Override
        public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
            ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
            turn.append(answer.message());
            return TurnOutcome.completed(answer.finishReason());
        }
    }

    /** Runs tools until the model answers. */
    static class ToolLoop implements Engine {
        @Override
        public TurnOutcome run(Turn turn, TurnEmitter emitter) {
            while (true) {
                Message last = turn.messages().getLast();
                if (last.role().equals(Role.ASSISTANT)) {
                    ToolRound round = turn.callTools(last.toolCalls());
                    List<ToolCall> pending = pending(round);
                    if (!pending.isEmpty()) {
                        return TurnOutcome.suspended(pending);
                    }
                }
                ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
                turn.append(answer.message());
                if (answer.message().toolCalls().isEmpty()) {
                    return TurnOutcome.completed(answer.finishReason());
                }
            }
        }

        List<ToolCall> pending(ToolRound round) {
            return round.pending();
        }
    }

    static class GoodWithTools extends EngineContract {
        @Override
        protected Engine newEngine() {
            return new ToolLoop();
        }

        @Override
        protected Duration patience() {
            return Verdict.PATIENCE;
        }
    }

    static class Good extends GoodWithTools {
        @Override
        protected Engine newEngine() {
            return new Relay();
        }

        @Override
        protected boolean callsTools() {
            return false;
        }
    }

    /** Has its own words for everything, and keeps nothing. */
    static class Eccentric extends Good {
        @Override
        protected Engine newEngine() {
            return new Made((turn, emitter) -> {
                Message prompt = turn.messages().getFirst();
                try {
                    ModelAnswer.relay(turn.open(turn.request()), event -> {});
                } catch (LlmgineException e) {
                    if (turn.cancelled()) {
                        throw e;
                    }
                }
                emitter.emit(new TextDelta("You ask: " + prompt.text()));
                return TurnOutcome.completed(Finish.STOP);
            });
        }

        @Override
        protected boolean relaysAnswers() {
            return false;
        }

        @Override
        protected boolean keepsAnswers() {
            return false;
        }

        @Override
        protected boolean passesFailures() {
            return false;
        }
    }

    static class TellsTheFinish extends Good {
        @Override
        protected Engine newEngine() {
            return new Relay() {
                @Override
                public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
                    TurnOutcome outcome = super.run(turn, emitter);
                    emitter.emit(new Finish(outcome.finishReason()));
                    return outcome;
                }
            };
        }
    }

    static class HoldsTheAnswerBack extends Good {
        @Override
        protected Engine newEngine() {
            return new Made((turn, emitter) -> {
                ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), event -> {});
                emitter.emit(new TextDelta(answer.message().text()));
                turn.append(answer.message());
                return TurnOutcome.completed(answer.finishReason());
            });
        }
    }

    static class ForgetsItsAnswer extends Good {
        @Override
        protected Engine newEngine() {
            return new Made((turn, emitter) -> TurnOutcome.completed(
                    ModelAnswer.relay(turn.open(turn.request()), emitter::emit).finishReason()));
        }
    }

    static class LeavesStreamsOpen extends Good {
        @Override
        protected Engine newEngine() {
            return new Made((turn, emitter) -> {
                ModelStream stream = turn.open(turn.request());
                StringBuilder text = new StringBuilder();
                try {
                    while (true) {
                        StreamEvent event = stream.next();
                        if (event instanceof Finish finish) {
                            turn.append(Message.assistant(text.toString()));
                            return TurnOutcome.completed(finish.reason());
                        } else if (event instanceof TextDelta delta) {
                            text.append(delta.text());
                            emitter.emit(event);
                        }
                    }
                } catch (LlmgineException e) {
                    stream.close();
                    throw e;
                }
            });
        }
    }

    static class HidesFailures extends Good {
        @Override
        protected Engine newEngine() {
            return new Relay() {
                @Override
                public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
                    try {
                        return super.run(turn, emitter);
                    } catch (LlmgineException e) {
                        if (!e.code().equals(ErrorCode.PROVIDER_ERROR)) {
                            throw e;
                        }
                        return TurnOutcome.completed(Finish.STOP);
                    }
                }
            };
        }
    }

    static class KeepsHalfAnswers extends Good {
        @Override
        protected Engine newEngine() {
            return new Made((turn, emitter) -> {
                StringBuilder text = new StringBuilder();
                try {
                    ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), event -> {
                        emitter.emit(event);
                        text.append(((TextDelta) event).text());
                    });
                    return TurnOutcome.completed(answer.finishReason());
                } finally {
                    turn.append(Message.assistant(text.toString()));
                }
            });
        }
    }

    static class HidesACancellation extends Good {
        @Override
        protected Engine newEngine() {
            return new Relay() {
                @Override
                public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
                    try {
                        return super.run(turn, emitter);
                    } catch (LlmgineException e) {
                        if (!turn.cancelled()) {
                            throw e;
                        }
                        return TurnOutcome.completed(Finish.STOP);
                    }
                }
            };
        }
    }

    static class TalksToNobody extends Good {
        @Override
        protected Engine newEngine() {
            return new Relay() {
                @Override
                public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
                    return super.run(turn, event -> {
                        try {
                            emitter.emit(event);
                        } catch (LlmgineException e) {
                            emitter.emit(event);
                        }
                    });
                }
            };
        }
    }

    static class RunsNoTools extends GoodWithTools {
        @Override
        protected Engine newEngine() {
            return new Relay();
        }
    }

    static class WaitsForNoApproval extends GoodWithTools {
        @Override
        protected Engine newEngine() {
            return new ToolLoop() {
                @Override
                List<ToolCall> pending(ToolRound round) {
                    if (!round.pending().isEmpty()) {
                        throw new LlmgineException(ErrorCode.LIMIT_REACHED, "Tools must not wait.");
                    }
                    return List.of();
                }
            };
        }
    }

    static class MixesTurnsUp extends Good {
        @Override
        protected Engine newEngine() {
            return new Engine() {
                private final CyclicBarrier others = new CyclicBarrier(2);
                private volatile String last = "";

                @Override
                public TurnOutcome run(Turn turn, TurnEmitter emitter) throws Exception {
                    boolean many = turn.messages().getFirst().text().startsWith("Who");
                    ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), event -> {
                        if (!many) {
                            emitter.emit(event);
                        }
                    });
                    if (many) {
                        last = answer.message().text();
                        others.await(1, TimeUnit.SECONDS);
                        emitter.emit(new TextDelta(last));
                    }
                    turn.append(answer.message());
                    return TurnOutcome.completed(answer.finishReason());
                }
            };
        }
    }

    static class IsHeld extends Good {
        private static final List<Object> HELD = new CopyOnWriteArrayList<>();

        @Override
        protected Engine newEngine() {
            Engine engine = new Relay();
            HELD.add(engine);
            return engine;
        }

        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    @Test
    void goodEnginesPass() {
        Verdict.assertPasses(GoodWithTools.class);
        Verdict.assertPasses(Good.class, "runsTheToolsThatTheModelAsksFor", "waitsForAnApprovalWithoutAThread");
        Verdict.assertPasses(
                Eccentric.class,
                "relaysTheAnswerInOrder",
                "keepsItsAnswerInTheConversation",
                "passesTheModelsFailureOn",
                "runsTheToolsThatTheModelAsksFor",
                "waitsForAnApprovalWithoutAThread");
    }

    @Test
    void aBadAnswerIsFound() {
        Verdict.assertFails(TellsTheFinish.class, "answersAPrompt");
        Verdict.assertFails(HoldsTheAnswerBack.class, "relaysTheAnswerInOrder");
        Verdict.assertFails(ForgetsItsAnswer.class, "keepsItsAnswerInTheConversation");
    }

    @Test
    void aBadEndIsFound() {
        Verdict.assertFails(LeavesStreamsOpen.class, "closesItsStreams");
        Verdict.assertFails(HidesFailures.class, "passesTheModelsFailureOn");
        Verdict.assertFails(KeepsHalfAnswers.class, "passesTheModelsFailureOn", "endsWhenItIsCancelled");
        Verdict.assertFails(HidesACancellation.class, "endsWhenItIsCancelled");
        Verdict.assertFails(TalksToNobody.class, "endsWhenItsReaderLeaves");
    }

    @Test
    void aBadWayWithToolsIsFound() {
        Verdict.assertFails(RunsNoTools.class, "runsTheToolsThatTheModelAsksFor", "waitsForAnApprovalWithoutAThread");
        Verdict.assertFails(WaitsForNoApproval.class, "waitsForAnApprovalWithoutAThread");
    }

    @Test
    void whatIsSharedOrLeftBehindIsFound() {
        Verdict.assertFails(MixesTurnsUp.class, "runsManyTurnsAtOnce");
        Verdict.assertFailsAtLeast(IsHeld.class, "leavesNothingBehind");
    }
}
