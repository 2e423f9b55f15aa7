package org.llmgine.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;

/** The contract of interceptors lets a good interceptor pass, and each check finds a defect. */
class InterceptorContractTest {
    /** Lets everything pass; not without a state, so that it isn't one instance for all. */
    static class Passing implements Interceptor {
        final List<String> seen = new CopyOnWriteArrayList<>();
    }

    static class Good extends InterceptorContract {
        @Override
        protected Interceptor newInterceptor() {
            return new Passing();
        }

        @Override
        protected Duration patience() {
            return Verdict.PATIENCE;
        }
    }

    /** Uses its patience up. */
    abstract static class UsesPatienceUp extends Good {
        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    static class GivesItsOwn extends Good {
        @Override
        protected Interceptor newInterceptor() {
            return new Upper();
        }

        @Override
        protected boolean letsPass() {
            return false;
        }
    }

    /** Gives nothing back. */
    static class Upper implements Interceptor {
        @Override
        public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
                throws Exception {
            next.proceed();
            return null;
        }
    }

    static class LosesResults extends Good {
        @Override
        protected Interceptor newInterceptor() {
            return new Upper();
        }
    }

    static class StopsEvents extends Good {
        @Override
        protected Interceptor newInterceptor() {
            return new Interceptor() {
                @Override
                public void aroundEvent(Event event, MessageContext context, EventChain next) {}
            };
        }
    }

    static class GoesOnTwice extends Good {
        @Override
        protected Interceptor newInterceptor() {
            return new Passing() {
                @Override
                public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
                        throws Exception {
                    next.proceed();
                    return next.proceed();
                }
            };
        }
    }

    static class GoesOnElsewhere extends Good {
        @Override
        protected Interceptor newInterceptor() {
            return new Passing() {
                @Override
                public void aroundListener(Event event, MessageContext context, String listener, EventChain next)
                        throws Exception {
                    CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
                    Exception[] failure = new Exception[1];
                    Thread.startVirtualThread(() -> {
                        try {
                            next.proceed();
                        } catch (Exception e) {
                            failure[0] = e;
                        }
                        done.complete(null);
                    });
                    done.join();
                    if (failure[0] != null) {
                        throw failure[0];
                    }
                }
            };
        }
    }

    static class WrapsFailures extends Good {
        @Override
        protected Interceptor newInterceptor() {
            return new Passing() {
                @Override
                public void aroundEvent(Event event, MessageContext context, EventChain next) {
                    try {
                        next.proceed();
                    } catch (Exception e) {
                        throw new LlmgineException(ErrorCode.INTERNAL, "It failed.", e);
                    }
                }
            };
        }
    }

    static class OneAtATime extends Good {
        @Override
        protected Interceptor newInterceptor() {
            Semaphore free = new Semaphore(1);
            return new Passing() {
                @Override
                public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
                    if (!free.tryAcquire()) {
                        throw new IllegalStateException("Somebody else is here.");
                    }
                    try {
                        LockSupport.parkNanos(20_000_000);
                        next.proceed();
                    } finally {
                        free.release();
                    }
                }
            };
        }
    }

    static class IgnoresItsInterrupt extends UsesPatienceUp {
        @Override
        protected Interceptor newInterceptor() {
            return new Passing() {
                @Override
                public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
                    if (Thread.currentThread().isInterrupted()) {
                        new Semaphore(0).acquireUninterruptibly();
                    }
                    next.proceed();
                }
            };
        }
    }

    static class IsHeld extends UsesPatienceUp {
        private static final List<Object> HELD = new CopyOnWriteArrayList<>();

        @Override
        protected Interceptor newInterceptor() {
            Interceptor interceptor = new Passing();
            HELD.add(interceptor);
            return interceptor;
        }
    }

    @Test
    void goodInterceptorsPass() {
        Verdict.assertPasses(Good.class);
        Verdict.assertPasses(GivesItsOwn.class, "givesTheResultBack", "givesTheFailureBack");
    }

    @Test
    void defectsAreFound() {
        Verdict.assertFails(LosesResults.class, "givesTheResultBack");
        Verdict.assertFails(
                StopsEvents.class, "goesOnOnceAndOnTheSameThread", "standsAroundManyAtOnce", "givesTheFailureBack");
        Verdict.assertFails(GoesOnTwice.class, "goesOnOnceAndOnTheSameThread", "standsAroundManyAtOnce");
        Verdict.assertFails(GoesOnElsewhere.class, "goesOnOnceAndOnTheSameThread");
        Verdict.assertFails(WrapsFailures.class, "givesTheFailureBack");
        Verdict.assertFails(OneAtATime.class, "standsAroundManyAtOnce");
        Verdict.assertFailsAtLeast(IgnoresItsInterrupt.class, "endsWhenItIsInterrupted");
        Verdict.assertFailsAtLeast(IsHeld.class, "leavesNothingBehind");
    }
}
