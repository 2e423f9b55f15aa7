package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.SendOptions;

/**
 * What every interceptor has to do. A plugin's test class extends it; what its interceptor does otherwise, it says by a method
 * that returns {@code false}.
 */
public abstract class InterceptorContract {
    private static final int AT_ONCE = 8;
    private static final String LISTENER = "test/listener";

    /** A command of the contract's own. */
    private record Ask(String text) implements Command<String> {}

    /** An event of the contract's own. */
    private record Told(String text) implements Event {}

    /** Make the interceptor as it is after its activation; a new one each time. */
    protected abstract Interceptor newInterceptor();

    /** Return a command that the interceptor lets pass. */
    protected Command<?> command() {
        return new Ask("contract");
    }

    /** Return an event that the interceptor lets pass. */
    protected Event event() {
        return new Told("contract");
    }

    /** Call the method of the component that is marked {@code @Deactivate}, if it has one. */
    protected void deactivate(Interceptor interceptor) {
        // Many have none.
    }

    /** Tell whether results and failures come out as what is inside gave them. */
    protected boolean letsPass() {
        return true;
    }

    /** Return within what time that must have happened which happens at once. */
    protected Duration patience() {
        return Duration.ofSeconds(5);
    }

    private static MessageContext context() {
        return new DirectBus.Context("1", SendOptions.inSession("session"));
    }

    /** What is inside of an interceptor: it counts, and remembers on which thread it was called. */
    private static final class Inside {
        private final @Nullable Exception failure;
        private final Object result = new Object();
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();

        Inside(@Nullable Exception failure) {
            this.failure = failure;
        }

        Object proceed() throws Exception {
            calls.incrementAndGet();
            thread.set(Thread.currentThread());
            if (failure != null) {
                throw failure;
            }
            return result;
        }
    }

    /** One of the three places where an interceptor stands. */
    private enum Place {
        COMMAND,
        EVENT,
        LISTENER
    }

    /** Call the interceptor; the result of an event is what was inside, if it went on. */
    @SuppressWarnings("unchecked")
    private @Nullable Object call(Interceptor interceptor, Place place, Inside inside) throws Exception {
        switch (place) {
            case COMMAND -> {
                return interceptor.aroundCommand((Command<Object>) command(), context(), inside::proceed);
            }
            case EVENT -> interceptor.aroundEvent(event(), context(), inside::proceed);
            case LISTENER -> interceptor.aroundListener(event(), context(), LISTENER, inside::proceed);
        }
        return inside.result;
    }

    /** Without it a command has no handler, and an event goes nowhere. */
    @Test
    void goesOnOnceAndOnTheSameThread() throws InterruptedException {
        Interceptor interceptor = newInterceptor();
        for (Place place : Place.values()) {
            Inside inside = new Inside(null);
            Thread caller = Call.virtual("around " + place, () -> {
                        call(interceptor, place, inside);
                        return Thread.currentThread();
                    })
                    .await(patience())
                    .value();

            assertThat(inside.calls.get())
                    .as("how often it went on around " + place)
                    .isEqualTo(1);
            assertThat(inside.thread.get()).as("the thread inside of " + place).isSameAs(caller);
        }
        deactivate(interceptor);
    }

    /** The caller gets what the handler returned. */
    @Test
    void givesTheResultBack() throws InterruptedException {
        assumeTrue(letsPass(), "The interceptor changes results.");
        Interceptor interceptor = newInterceptor();
        Inside inside = new Inside(null);

        Object result = Call.<@Nullable Object>virtual(
                        "around a command", () -> call(interceptor, Place.COMMAND, inside))
                .await(patience())
                .value();

        assertThat(result).as("the command's result").isSameAs(inside.result);
        deactivate(interceptor);
    }

    /** What it hides, nobody learns. */
    @Test
    void givesTheFailureBack() throws InterruptedException {
        assumeTrue(letsPass(), "The interceptor changes failures.");
        Interceptor interceptor = newInterceptor();
        List<Exception> failures = List.of(
                new LlmgineException(ErrorCode.LIMIT_REACHED, "There is not enough."),
                new IllegalStateException("out of order"),
                new InterruptedException("stop"));
        for (Place place : Place.values()) {
            for (Exception failure : failures) {
                Throwable thrown = Call.<@Nullable Object>virtual(
                                "around " + place, () -> call(interceptor, place, new Inside(failure)))
                        .await(patience())
                        .failure()
                        .orElse(null);

                assertThat(thrown).as("the failure around " + place).isSameAs(failure);
            }
        }
        deactivate(interceptor);
    }

    /** Whatever is sent goes through it, on as many threads as send. */
    @Test
    void standsAroundManyAtOnce() throws InterruptedException {
        Interceptor interceptor = newInterceptor();
        List<Inside> insides = new ArrayList<>();
        List<Call<@Nullable Object>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            for (Place place : Place.values()) {
                Inside inside = new Inside(null);
                insides.add(inside);
                calls.add(Call.virtual("one of many around " + place, () -> call(interceptor, place, inside)));
            }
        }
        for (Call<@Nullable Object> call : calls) {
            call.await(patience()).value();
        }
        assertThat(insides).as("what went on").allMatch(inside -> inside.calls.get() == 1);
        deactivate(interceptor);
    }

    /** An interrupted sender is not held up. */
    @Test
    void endsWhenItIsInterrupted() throws InterruptedException {
        Interceptor interceptor = newInterceptor();
        for (Place place : Place.values()) {
            Call.<@Nullable Object>virtual("around " + place + " on an interrupted thread", () -> {
                        Thread.currentThread().interrupt();
                        return call(interceptor, place, new Inside(null));
                    })
                    .await(patience());
        }
        deactivate(interceptor);
    }

    /** A swap must let the former version's classes go. */
    @Test
    void leavesNothingBehind() throws InterruptedException {
        Leftovers.check(
                this::newInterceptor,
                interceptor -> {
                    for (Place place : Place.values()) {
                        call(interceptor, place, new Inside(null));
                    }
                },
                this::deactivate,
                patience());
    }
}
