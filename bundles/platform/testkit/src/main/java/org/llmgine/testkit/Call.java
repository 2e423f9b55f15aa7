package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** A call into a plugin on a thread of its own, which has to end in time. */
final class Call<R> {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How many looks in a row must find a thread waiting. */
    private static final int LOOKS = 5;

    private final String what;
    private final FutureTask<R> task;
    private final Thread thread;

    private Call(String what, Callable<R> work, Thread.Builder builder) {
        this.what = what;
        task = new FutureTask<>(work);
        thread = builder.name("contract " + what).start(task);
    }

    /** Call on a virtual thread, as the host calls engines, providers and listeners. */
    static <R> Call<R> virtual(String what, Callable<R> work) {
        return new Call<>(what, work, Thread.ofVirtual());
    }

    /** Call on a platform thread, as the host calls tools. */
    static <R> Call<R> platform(String what, Callable<R> work) {
        return new Call<>(what, work, Thread.ofPlatform().daemon());
    }

    /** How a call ended: with a value or a failure. */
    record Outcome<R>(String what, @Nullable R value, Optional<Throwable> failure) {
        /** Return the value of a call that must not fail. */
        @Override
        @SuppressWarnings("NullAway")
        public R value() {
            failure.ifPresent(thrown -> {
                throw new AssertionError(what + " failed: " + thrown, thrown);
            });
            return value;
        }

        /** Return the failure of a call that must fail with one of the host's own kind. */
        LlmgineException typedFailure() {
            assertThat(failure).as("the failure of: " + what).isPresent();
            assertThat(failure.orElseThrow()).as("the failure of: " + what).isInstanceOf(LlmgineException.class);
            return (LlmgineException) failure.orElseThrow();
        }

        /** Check that the call failed because it was cancelled. */
        void assertCancelled() {
            assertThat(typedFailure().code()).as("the code of: " + what).isEqualTo(ErrorCode.CANCELLED);
        }
    }

    /** Wait for the end. */
    Outcome<R> await(Duration patience) throws InterruptedException {
        try {
            return new Outcome<>(what, task.get(patience.toNanos(), TimeUnit.NANOSECONDS), Optional.empty());
        } catch (ExecutionException e) {
            return new Outcome<>(what, null, Optional.of(Objects.requireNonNullElse(e.getCause(), e)));
        } catch (TimeoutException e) {
            StackTraceElement[] where = thread.getStackTrace();
            thread.interrupt();
            throw new AssertionError(what + " did not end within " + patience + "; its thread is at\n"
                    + Arrays.stream(where).map(frame -> "\tat " + frame).collect(Collectors.joining("\n")));
        }
    }

    /** Wait until the thread waits for something; tells whether it does, which one that has ended doesn't. */
    boolean awaitWaiting(Duration patience) {
        int[] found = {0};
        return until(patience, () -> {
                    found[0] = switch (thread.getState()) {
                        case WAITING, TIMED_WAITING -> found[0] + 1;
                        default -> 0;
                    };
                    return found[0] == LOOKS || task.isDone();
                })
                && !task.isDone();
    }

    /** Interrupt the thread. */
    void interrupt() {
        thread.interrupt();
    }

    /** Look again and again whether something has come about; tells whether it did in time. */
    static boolean until(Duration patience, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }
}
