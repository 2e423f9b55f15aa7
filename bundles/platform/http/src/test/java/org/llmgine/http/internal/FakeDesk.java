package org.llmgine.http.internal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.ShownEvent;
import org.llmgine.bus.StoredMessage;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.DeadLetterPage;
import org.llmgine.core.command.FollowEvents;
import org.llmgine.core.command.GetDeadLetter;
import org.llmgine.core.command.GetTimer;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.ListTimers;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;

/** Answers what operators ask about the bus. */
final class FakeDesk {
    static final DeadLetter LETTER = new DeadLetter(
            "dead_1",
            new StoredMessage(
                    StoredMessage.EVENT,
                    "shop/order/placed",
                    2,
                    "org.example.shop",
                    "org.example.shop.Placed",
                    "{\"what\":\"tea\"}",
                    "s1",
                    new Principal("ann", Set.of()),
                    Map.of("trace", "t1"),
                    "k1",
                    Optional.of("msg_1")),
            "stock",
            3,
            "unavailable",
            "The shelf is empty.",
            Instant.parse("2026-11-22T10:00:00Z"),
            Instant.parse("2026-11-22T10:01:00Z"));

    static final TimerEntry TIMER = new TimerEntry(
            "timer_1",
            "night",
            "org.example.shop",
            "command",
            "shop/stock/count",
            "",
            new Principal("ann", Set.of()),
            "cron UTC 0 3 * * *",
            Instant.parse("2026-11-23T03:00:00Z"),
            1,
            Optional.of(Instant.parse("2026-11-22T03:00:00Z")),
            "The shelf is empty.",
            TimerEntry.State.PARKED,
            "Nobody handles it.",
            "timer_1@1");

    static final AuditEntry AUDIT = new AuditEntry(
            "audit_1",
            Instant.parse("2026-11-22T10:00:00Z"),
            "ann",
            Set.of("user", "admin"),
            "CreateKey",
            "k1",
            AuditEntry.OK,
            "for bob",
            "",
            "http");

    final BlockingQueue<Command<?>> asked = new LinkedBlockingQueue<>();
    final BlockingQueue<ShownEvent> events = new LinkedBlockingQueue<>();
    volatile boolean forbidden;
    volatile boolean retrySucceeds = true;

    boolean knows(Command<?> command) {
        return switch (command) {
            case ListDeadLetters any -> true;
            case GetDeadLetter any -> true;
            case RetryDeadLetter any -> true;
            case RetryDeadLetters any -> true;
            case PurgeDeadLetter any -> true;
            case PurgeDeadLetters any -> true;
            case ListTimers any -> true;
            case GetTimer any -> true;
            case CancelTimer any -> true;
            case FollowEvents any -> true;
            case ListAudit any -> true;
            default -> false;
        };
    }

    Object execute(Command<?> command) {
        asked.add(command);
        if (forbidden) {
            throw new LlmgineException(ErrorCode.FORBIDDEN, "A higher role is needed.");
        }
        return switch (command) {
            case ListDeadLetters any -> new DeadLetterPage(List.of(LETTER), 7);
            case GetDeadLetter get -> letter(get.letter());
            case RetryDeadLetter retry -> retried(letter(retry.letter()));
            case RetryDeadLetters any -> List.of(retried(LETTER));
            case PurgeDeadLetter purge -> letter(purge.letter());
            case PurgeDeadLetters any -> 3;
            case ListTimers any -> List.of(TIMER);
            case GetTimer get -> timer(get.timer());
            case CancelTimer cancel -> timer(cancel.timer());
            case FollowEvents any -> new Followed(events);
            case ListAudit any -> List.of(AUDIT);
            default -> throw new AssertionError(command);
        };
    }

    private static DeadLetter letter(String id) {
        if (!id.equals(LETTER.id())) {
            throw new LlmgineException(ErrorCode.NOT_FOUND, "There is no dead letter '" + id + "'.");
        }
        return LETTER;
    }

    private DeadLetters.Retried retried(DeadLetter letter) {
        return new DeadLetters.Retried(letter.id(), retrySucceeds, retrySucceeds ? "" : "The shelf is empty.");
    }

    private static TimerEntry timer(String id) {
        if (!id.equals(TIMER.id()) && !id.equals(TIMER.name())) {
            throw new LlmgineException(ErrorCode.NOT_FOUND, "There is no timer '" + id + "'.");
        }
        return TIMER;
    }

    /** Gives the events of a queue, until it is closed. */
    private static final class Followed implements EventReader {
        private final BlockingQueue<ShownEvent> events;
        private final Thread thread = Thread.currentThread();
        private volatile boolean closed;

        Followed(BlockingQueue<ShownEvent> events) {
            this.events = events;
        }

        @Override
        public ShownEvent next() {
            try {
                return events.take();
            } catch (InterruptedException e) {
                throw new LlmgineException(ErrorCode.CANCELLED, "closed", e);
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                if (Thread.currentThread() != thread) {
                    thread.interrupt();
                }
            }
        }
    }
}
