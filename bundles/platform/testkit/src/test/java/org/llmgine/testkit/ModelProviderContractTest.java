package org.llmgine.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/** The contract of providers lets a good provider pass, and each check finds a defect. */
class ModelProviderContractTest {
    private static ModelRequest ask(String model) {
        return ModelRequest.builder(model).build();
    }

    /** Answers, waits or fails by the model's name. */
    static class Models implements ModelProvider {
        @Override
        public List<ModelInfo> models() {
            return List.of(new ModelInfo("good", Set.of()), new ModelInfo("waiting", Set.of()));
        }

        @Override
        public ModelStream open(ModelRequest request) {
            return switch (request.model()) {
                case "good" -> answer();
                case "waiting" -> waiting();
                default -> throw failure(request.model());
            };
        }

        ModelStream answer() {
            return ScriptedStream.text("Hello you there");
        }

        ModelStream waiting() {
            return new ScriptedStream().then(new TextDelta("Hello ")).thenWait().then(new Finish(Finish.STOP));
        }

        RuntimeException failure(String model) {
            return new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model '" + model + "'.");
        }

        void deactivate() {}
    }

    static class Good extends ModelProviderContract {
        @Override
        protected ModelProvider newProvider() {
            return new Models();
        }

        @Override
        protected ModelRequest request() {
            return ask("good");
        }

        @Override
        protected ModelRequest waitingRequest() {
            return ask("waiting");
        }

        @Override
        protected ModelRequest failingRequest() {
            return ask("other");
        }

        @Override
        protected void deactivate(ModelProvider provider) {
            ((Models) provider).deactivate();
        }

        @Override
        protected Duration patience() {
            return Verdict.PATIENCE;
        }
    }

    static class NeitherWaitsNorFails extends Good {
        @Override
        protected boolean waits() {
            return false;
        }

        @Override
        protected boolean fails() {
            return false;
        }
    }

    static class ListsOneTwice extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                @Override
                public List<ModelInfo> models() {
                    return List.of(new ModelInfo("good", Set.of()), new ModelInfo("good", Set.of()));
                }
            };
        }
    }

    static class ListsOthers extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                @Override
                public List<ModelInfo> models() {
                    return List.of(new ModelInfo("better", Set.of()));
                }
            };
        }
    }

    /** Gives an answer of these events. */
    abstract static class Saying extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                @Override
                ModelStream answer() {
                    ScriptedStream stream = new ScriptedStream();
                    events().forEach(stream::then);
                    return stream;
                }
            };
        }

        abstract List<StreamEvent> events();
    }

    static class SaysNothing extends Saying {
        @Override
        List<StreamEvent> events() {
            return List.of(new UsageUpdate(Usage.NONE), new Finish(Finish.STOP));
        }
    }

    static class TellsUsageTooSoon extends Saying {
        @Override
        List<StreamEvent> events() {
            return List.of(
                    new TextDelta("a"), new UsageUpdate(Usage.NONE), new TextDelta("b"), new Finish(Finish.STOP));
        }
    }

    static class CountsBackwards extends Saying {
        @Override
        List<StreamEvent> events() {
            return List.of(new TextDelta("a"), new UsageUpdate(new Usage(-1, 1)), new Finish(Finish.STOP));
        }
    }

    static class CallsNobody extends Saying {
        @Override
        List<StreamEvent> events() {
            return List.of(
                    new ToolCallDelta(0, "call_1", "", "{"),
                    new ToolCallDelta(0, "", "", "}"),
                    new Finish(Finish.TOOL_CALLS));
        }
    }

    static class EndsWithoutAReason extends Saying {
        @Override
        List<StreamEvent> events() {
            return List.of(new TextDelta("a"), new TextDelta("b"), new Finish(""));
        }
    }

    /** Is as another stream is, but for what a test overrides. */
    private static class Wrapped implements ModelStream {
        final ModelStream inner;

        Wrapped(ModelStream inner) {
            this.inner = inner;
        }

        @Override
        public StreamEvent next() {
            return inner.next();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    /** Wraps the answers and the waiting streams. */
    abstract static class Wrapping extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                @Override
                ModelStream answer() {
                    return wrap(super.answer());
                }

                @Override
                ModelStream waiting() {
                    return wrap(super.waiting());
                }
            };
        }

        abstract ModelStream wrap(ModelStream stream);
    }

    static class PromisesTooMuch extends Wrapping {
        @Override
        ModelStream wrap(ModelStream stream) {
            return new Wrapped(stream) {
                private volatile boolean promised;

                @Override
                public boolean isReady() {
                    promised = true;
                    return true;
                }

                @Override
                public StreamEvent next() {
                    if (promised) {
                        LockSupport.parkNanos(2 * Verdict.SHORT_PATIENCE.toNanos());
                    }
                    return inner.next();
                }
            };
        }

        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    static class ClosesForItselfOnly extends Wrapping {
        @Override
        ModelStream wrap(ModelStream stream) {
            return new Wrapped(stream) {
                private volatile boolean closed;

                @Override
                public StreamEvent next() {
                    if (closed) {
                        throw new LlmgineException(ErrorCode.CANCELLED, "The stream is closed.");
                    }
                    return inner.next();
                }

                @Override
                public void close() {
                    closed = true;
                }
            };
        }

        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    static class IgnoresInterrupts extends Wrapping {
        @Override
        ModelStream wrap(ModelStream stream) {
            return new Wrapped(stream) {
                @Override
                public StreamEvent next() {
                    while (true) {
                        try {
                            return inner.next();
                        } catch (LlmgineException e) {
                            if (!Thread.interrupted()) {
                                throw e;
                            }
                            new Semaphore(0).acquireUninterruptibly();
                        }
                    }
                }
            };
        }

        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    static class ClosesOnce extends Wrapping {
        @Override
        ModelStream wrap(ModelStream stream) {
            return new Wrapped(stream) {
                private boolean closed;

                @Override
                public void close() {
                    if (closed) {
                        throw new IllegalStateException("It is closed.");
                    }
                    closed = true;
                    inner.close();
                }
            };
        }
    }

    static class GoesOnAfterItsClose extends Wrapping {
        @Override
        ModelStream wrap(ModelStream stream) {
            return new Wrapped(stream) {
                private boolean begun;

                @Override
                public StreamEvent next() {
                    if (!begun) {
                        begun = true;
                        return new TextDelta("Hello ");
                    }
                    return inner.next();
                }
            };
        }
    }

    /** Fails in its own way. */
    abstract static class Failing extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                @Override
                RuntimeException failure(String model) {
                    return failing();
                }
            };
        }

        abstract RuntimeException failing();
    }

    static class FailsWithoutACode extends Failing {
        @Override
        RuntimeException failing() {
            return new IllegalStateException("There is no such model.");
        }
    }

    static class FailsAsADefect extends Failing {
        @Override
        RuntimeException failing() {
            return new LlmgineException(ErrorCode.PLUGIN_FAILED, "There is no such model.");
        }
    }

    static class FailsWithoutASentence extends Failing {
        @Override
        RuntimeException failing() {
            return new LlmgineException(ErrorCode.PROVIDER_ERROR, "java.net.ConnectException: refused");
        }
    }

    static class HasOneConnection extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                private final Semaphore free = new Semaphore(1);

                @Override
                ModelStream answer() {
                    if (!free.tryAcquire()) {
                        throw new LlmgineException(ErrorCode.OVERLOADED, "The connection is in use.");
                    }
                    return new Wrapped(super.answer()) {
                        @Override
                        public StreamEvent next() {
                            Thread.yield();
                            return inner.next();
                        }

                        @Override
                        public void close() {
                            if (((ScriptedStream) inner).closes() == 0) {
                                LockSupport.parkNanos(20_000_000);
                                free.release();
                            }
                            inner.close();
                        }
                    };
                }
            };
        }
    }

    static class CutsWhatIsOpen extends Good {
        @Override
        protected ModelProvider newProvider() {
            return new Models() {
                private final ConcurrentLinkedQueue<ModelStream> open = new ConcurrentLinkedQueue<>();

                @Override
                ModelStream answer() {
                    ModelStream stream = super.answer();
                    open.add(stream);
                    return stream;
                }

                @Override
                void deactivate() {
                    open.forEach(ModelStream::close);
                }
            };
        }
    }

    static class IsNotDeactivated extends Good {
        @Override
        protected ModelProvider newProvider() {
            CountDownLatch over = new CountDownLatch(1);
            Supplier<Thread> starting = () -> Thread.ofVirtual().name("reads").start(() -> {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            return new Models() {
                private final Thread reader = starting.get();

                @Override
                void deactivate() {
                    reader.interrupt();
                }
            };
        }

        @Override
        protected void deactivate(ModelProvider provider) {
            // Forgotten.
        }

        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    @Test
    void goodProvidersPass() {
        Verdict.assertPasses(Good.class);
        Verdict.assertPasses(
                NeitherWaitsNorFails.class,
                "endsAWaitWhenAnotherThreadCloses",
                "endsAWaitWhenItIsInterrupted",
                "failsWithACodeAndASentence");
    }

    @Test
    void aBadListIsFound() {
        Verdict.assertFails(ListsOneTwice.class, "listsItsModelsAtOnce");
        Verdict.assertFails(ListsOthers.class, "listsItsModelsAtOnce");
    }

    @Test
    void aBadOrderIsFound() {
        Verdict.assertFails(SaysNothing.class, "givesAnAnswerInOrder");
        Verdict.assertFails(TellsUsageTooSoon.class, "givesAnAnswerInOrder");
        Verdict.assertFails(CountsBackwards.class, "givesAnAnswerInOrder");
        Verdict.assertFails(CallsNobody.class, "givesAnAnswerInOrder");
        Verdict.assertFails(EndsWithoutAReason.class, "givesAnAnswerInOrder");
        Verdict.assertFailsAtLeast(PromisesTooMuch.class, "tellsTruthfullyWhatIsReady");
    }

    @Test
    void aStreamThatCanNotBeStoppedIsFound() {
        Verdict.assertFailsAtLeast(ClosesForItselfOnly.class, "endsAWaitWhenAnotherThreadCloses");
        Verdict.assertFailsAtLeast(IgnoresInterrupts.class, "endsAWaitWhenItIsInterrupted");
        Verdict.assertFails(ClosesOnce.class, "takesACloseAtAnyTimeAndAsOftenAsOneLikes");
        Verdict.assertFails(GoesOnAfterItsClose.class, "takesACloseAtAnyTimeAndAsOftenAsOneLikes");
    }

    @Test
    void aBadFailureIsFound() {
        Verdict.assertFails(FailsWithoutACode.class, "failsWithACodeAndASentence");
        Verdict.assertFails(FailsAsADefect.class, "failsWithACodeAndASentence");
        Verdict.assertFails(FailsWithoutASentence.class, "failsWithACodeAndASentence");
    }

    @Test
    void whatCanNotBeSharedOrReplacedIsFound() {
        Verdict.assertFails(HasOneConnection.class, "answersManyAtOnce");
        Verdict.assertFails(CutsWhatIsOpen.class, "letsAnOpenStreamEndAfterItsDeactivation");
        Verdict.assertFailsAtLeast(IsNotDeactivated.class, "leavesNothingBehind");
    }
}
