package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.SendOptions;

/**
 * What every listener to events has to do. A plugin's test class extends it.
 *
 * @param <E> the events that it takes
 */
public abstract class ListenerContract<E extends Event> {
    private static final int AT_ONCE = 8;
    private static final int IN_A_ROW = 100;

    /** Make the listener as it is after its activation; a new one each time. */
    protected abstract EventListener<E> newListener();

    /** Return an event that the listener takes. */
    protected abstract E event();

    /** Call the method of the component that is marked {@code @Deactivate}, if it has one. */
    protected void deactivate(EventListener<E> listener) {
        // Many have none.
    }

    /** Return within what time an event is handled. */
    protected Duration patience() {
        return Duration.ofSeconds(5);
    }

    private static MessageContext context(String id, String session) {
        return new DirectBus.Context(id, SendOptions.inSession(session));
    }

    private Call<Boolean> handle(String what, EventListener<E> listener, MessageContext context) {
        E event = event();
        return Call.virtual(what, () -> {
            listener.handle(event, context);
            return true;
        });
    }

    /** A listener that fails is told about, and gets its event again by its policy. */
    @Test
    void takesAnEvent() throws InterruptedException {
        EventListener<E> listener = newListener();

        handle("the event", listener, context("1", "session")).await(patience()).value();
        deactivate(listener);
    }

    /** A listener holds up the next events of its session: many in a row are handled within the time of one. */
    @Test
    void holdsNobodyUp() throws InterruptedException {
        EventListener<E> listener = newListener();

        Call.virtual(IN_A_ROW + " events", () -> {
                    for (int i = 0; i < IN_A_ROW; i++) {
                        listener.handle(event(), context(String.valueOf(i), "session"));
                    }
                    return true;
                })
                .await(patience())
                .value();
        deactivate(listener);
    }

    /** What is kept for a listener comes at least once, with the same key each time. */
    @Test
    void takesAnEventAgain() throws InterruptedException {
        EventListener<E> listener = newListener();
        E event = event();
        MessageContext context =
                new DirectBus.Context("1", SendOptions.inSession("session").withIdempotencyKey("key"));

        for (int i = 1; i <= 2; i++) {
            Call.virtual("the event, time " + i, () -> {
                        listener.handle(event, context);
                        return true;
                    })
                    .await(patience())
                    .value();
        }
        deactivate(listener);
    }

    /** Events of different sessions come at the same time. */
    @Test
    void takesEventsOfManySessionsAtOnce() throws InterruptedException {
        EventListener<E> listener = newListener();
        List<Call<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            calls.add(handle("an event beside others", listener, context(String.valueOf(i), "session" + i)));
        }
        for (Call<Boolean> call : calls) {
            call.await(patience()).value();
        }
        deactivate(listener);
    }

    /** A listener that takes too long is interrupted; it may take the event all the same, but not go on for ever. */
    @Test
    void endsWhenItIsInterrupted() throws InterruptedException {
        EventListener<E> listener = newListener();
        E event = event();

        Optional<Throwable> failure = Call.virtual("the event on an interrupted thread", () -> {
                    Thread.currentThread().interrupt();
                    listener.handle(event, context("1", "session"));
                    return true;
                })
                .await(patience())
                .failure();

        assertThat(failure.filter(Error.class::isInstance))
                .as("what it throws when it is interrupted")
                .isEmpty();
        deactivate(listener);
    }

    /** A swap must let the former version's classes go. */
    @Test
    void leavesNothingBehind() throws InterruptedException {
        Leftovers.check(
                this::newListener,
                listener -> listener.handle(event(), context("1", "session")),
                this::deactivate,
                patience());
    }
}
