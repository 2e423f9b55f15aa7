package org.llmgine.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.MessageContext;

/** The contract of listeners lets a good listener pass, and each check finds a defect. */
class ListenerContractTest {
    record Sold(String item) implements Event {}

    /** Is a new listener each time, which a lambda alone need not be. */
    record Made(EventListener<Sold> lambda) implements EventListener<Sold> {
        @Override
        public void handle(Sold event, MessageContext context) throws Exception {
            lambda.handle(event, context);
        }
    }

    static class Good extends ListenerContract<Sold> {
        @Override
        protected EventListener<Sold> newListener() {
            List<String> sold = new CopyOnWriteArrayList<>();
            return new EventListener<>() {
                @Override
                public void handle(Sold event, MessageContext context) {
                    sold.add(event.item());
                }
            };
        }

        @Override
        protected Sold event() {
            return new Sold("tea");
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

    static class FailsAtFirst extends Good {
        @Override
        protected EventListener<Sold> newListener() {
            AtomicInteger calls = new AtomicInteger();
            return new Made((event, context) -> {
                if (context.idempotencyKey().equals("1")
                        && calls.incrementAndGet() == 1
                        && context.session().equals("session")) {
                    throw new IllegalStateException("Not now.");
                }
            });
        }
    }

    static class IsSlow extends UsesPatienceUp {
        @Override
        protected EventListener<Sold> newListener() {
            return new Made((event, context) -> LockSupport.parkNanos(Verdict.SHORT_PATIENCE.toNanos() / 20));
        }
    }

    static class TakesNothingTwice extends Good {
        @Override
        protected EventListener<Sold> newListener() {
            Set<String> keys = ConcurrentHashMap.newKeySet();
            return new Made((event, context) -> {
                if (!keys.add(context.idempotencyKey())) {
                    throw new IllegalStateException("It is here already.");
                }
            });
        }
    }

    static class OneAtATime extends Good {
        @Override
        protected EventListener<Sold> newListener() {
            Semaphore free = new Semaphore(1);
            return new Made((event, context) -> {
                if (!free.tryAcquire()) {
                    throw new IllegalStateException("Somebody else is here.");
                }
                if (!context.session().equals("session")) {
                    LockSupport.parkNanos(50_000_000);
                }
                free.release();
            });
        }
    }

    static class IgnoresItsInterrupt extends UsesPatienceUp {
        @Override
        protected EventListener<Sold> newListener() {
            return new Made((event, context) -> {
                if (Thread.currentThread().isInterrupted()) {
                    new Semaphore(0).acquireUninterruptibly();
                }
            });
        }
    }

    static class IsHeld extends UsesPatienceUp {
        private static final List<Object> HELD = new CopyOnWriteArrayList<>();

        @Override
        protected EventListener<Sold> newListener() {
            EventListener<Sold> listener = super.newListener();
            HELD.add(listener);
            return listener;
        }
    }

    @Test
    void goodListenersPass() {
        Verdict.assertPasses(Good.class);
    }

    @Test
    void defectsAreFound() {
        Verdict.assertFails(FailsAtFirst.class, "takesAnEvent", "holdsNobodyUp", "leavesNothingBehind");
        Verdict.assertFailsAtLeast(IsSlow.class, "holdsNobodyUp");
        Verdict.assertFails(TakesNothingTwice.class, "takesAnEventAgain");
        Verdict.assertFails(OneAtATime.class, "takesEventsOfManySessionsAtOnce");
        Verdict.assertFailsAtLeast(IgnoresItsInterrupt.class, "endsWhenItIsInterrupted");
        Verdict.assertFailsAtLeast(IsHeld.class, "leavesNothingBehind");
    }
}
