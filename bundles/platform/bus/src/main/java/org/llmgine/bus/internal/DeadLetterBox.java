package org.llmgine.bus.internal;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.DeadLettered;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.DeadLetterStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps messages that were given up. What can't be kept is said in the log, with all that is known of it but its content. */
final class DeadLetterBox {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterBox.class);

    private static final int PAGE = 500;

    private final DeadLetterStore store;
    private final Messages messages;
    private final InstantSource clock;
    private final BusFigures figures;

    DeadLetterBox(DeadLetterStore store, Messages messages, InstantSource clock, BusFigures figures) {
        this.store = store;
        this.messages = messages;
        this.clock = clock;
        this.figures = figures;
    }

    /** Return how many letters there are; -1 while that can't be known. */
    int size() {
        try {
            return store.count();
        } catch (LlmgineException e) {
            return -1;
        }
    }

    DeadLetterStore store() {
        return store;
    }

    void add(Bus bus, CommandRun<?> run, LlmgineException failure) {
        add(bus, run, run.command(), StoredMessage.COMMAND, "", run.attempts(), failure);
    }

    void add(Bus bus, Delivery delivery, String listener, LlmgineException failure) {
        add(bus, delivery, delivery.event(), StoredMessage.EVENT, listener, 1, failure);
    }

    void add(
            Bus bus,
            Context context,
            Object message,
            String kind,
            String listener,
            int attempts,
            LlmgineException failure) {
        String id = "dead_" + context.id().substring(context.id().indexOf('_') + 1)
                + (listener.isEmpty() ? "" : "-" + Integer.toHexString(listener.hashCode()));
        Instant now = clock.instant();
        try {
            DeadLetter letter = new DeadLetter(
                    id,
                    messages.store(context, message, kind),
                    listener,
                    attempts,
                    failure.code().name(),
                    failure.getMessage(),
                    now,
                    now);
            makeRoom(bus.settings().maxDeadLetters());
            store.put(letter);
            figures.deadLettered();
            bus.tell(
                    context, new DeadLettered(id, context.id(), letter.message().type(), attempts, letter.error()));
        } catch (RuntimeException | LinkageError e) {
            // Its bundle may be gone.
            LOG.error(
                    "The message {} of the type '{}' was given up and could not be kept: {}",
                    context.id(),
                    TypeInfo.of(message.getClass()).name(),
                    e instanceof LlmgineException ? e.getMessage() : e.toString());
        }
    }

    private void makeRoom(int limit) {
        int over = store.count() - limit + 1;
        if (over > 0) {
            List<DeadLetter> oldest = store.list("", "", over);
            oldest.forEach(letter -> store.remove(letter.id()));
            LOG.warn(
                    "{} dead letters were thrown away: there is room for {}, by the setting maxDeadLetters.",
                    oldest.size(),
                    limit);
        }
    }

    /** Send a letter's message again by the given way; it is removed when that succeeds. */
    DeadLetters.Retried retry(DeadLetter letter, Consumer<Object> send) {
        try {
            send.accept(messages.read(letter.message()));
        } catch (LlmgineException e) {
            store.put(letter.triedAgain(e.code().name(), e.getMessage(), clock.instant()));
            return new DeadLetters.Retried(letter.id(), false, e.getMessage());
        }
        store.remove(letter.id());
        return new DeadLetters.Retried(letter.id(), true, "");
    }

    DeadLetter get(String id) {
        return store.find(id)
                .orElseThrow(() -> new LlmgineException(ErrorCode.NOT_FOUND, "There is no dead letter '" + id + "'."));
    }

    List<DeadLetter> all(String type) {
        List<DeadLetter> all = new ArrayList<>();
        List<DeadLetter> page = store.list(type, "", PAGE);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = store.list(type, page.getLast().id(), PAGE);
        }
        return all;
    }
}
