package org.llmgine.store.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.SessionTurn;

/** Is killed while it writes sessions, approvals, timers and dead letters; what is durable it says on its output. */
public final class CrashWriter {
    /** What {@code began} stands before is a session's id and a turn's, and so on. */
    static final String BEGAN = "began";

    static final String MESSAGE = "message";
    static final String ENDED = "ended";
    static final String LETTER = "letter";
    static final String TIMER = "timer";
    static final String ASKED = "asked";
    static final String DECIDED = "decided";

    /** The turn that waits for an approval. */
    static final String WAITING = "turn_waiting";

    private static final int SESSIONS_AT_ONCE = 3;
    private static final int TIMERS_AT_ONCE = 50;
    private static final int MESSAGES = 3;
    private static final int LONGEST_MS = 400;

    private CrashWriter() {}

    /** Write until it is killed; its arguments are the data folder and the address of a PostgreSQL database, or nothing. */
    public static void main(String[] arguments) throws InterruptedException {
        Semaphore timers = new Semaphore(TIMERS_AT_ONCE);
        CrashHost host = new CrashHost(Path.of(arguments[0]), arguments[1], timers::release);
        for (int i = 0; i < SESSIONS_AT_ONCE; i++) {
            forever(() -> session(host, "sess_" + UUID.randomUUID()));
        }
        forever(() -> {
            timers.acquireUninterruptibly();
            Duration in = Duration.ofMillis(ThreadLocalRandom.current().nextInt(LONGEST_MS));
            durable(TIMER, host.bus.schedule(in));
        });
        forever(() -> durable(LETTER, host.bus.giveUp()));
        Thread.currentThread().join();
    }

    private static void forever(Runnable work) {
        Thread.startVirtualThread(() -> {
            while (true) {
                work.run();
            }
        });
    }

    private static void session(CrashHost host, String session) {
        for (int turn = 0; turn < MESSAGES; turn++) {
            String id = "turn_" + turn;
            for (int i = 0; i < MESSAGES; i++) {
                String message = "msg_" + turn + "_" + i;
                host.sessions.put(
                        Samples.session(session),
                        List.of(Samples.entry(message, id)),
                        i == 0 ? Optional.of(Samples.turn(session, id, SessionTurn.RUNNING)) : Optional.empty());
                if (i == 0) {
                    durable(BEGAN, session, id);
                }
                durable(MESSAGE, session, message);
            }
            host.sessions.put(
                    Samples.session(session), List.of(), Optional.of(Samples.turn(session, id, SessionTurn.COMPLETED)));
            durable(ENDED, session, id);
        }
        approval(host, session);
    }

    private static void approval(CrashHost host, String session) {
        Approval asked = Samples.approval(session, WAITING, "appr_" + UUID.randomUUID(), Samples.THEN);
        host.sessions.put(
                Samples.session(session), List.of(), Optional.of(Samples.turn(session, WAITING, SessionTurn.RUNNING)));
        host.approvals.suspend(Samples.turn(session, WAITING, SessionTurn.SUSPENDED), List.of(asked));
        durable(ASKED, session, asked.id());
        host.approvals.decide(asked.decided(Approval.APPROVED, Optional.of("ann"), "Fine.", Samples.THEN));
        durable(DECIDED, session, asked.id());
    }

    private static void durable(String... words) {
        synchronized (System.out) {
            System.out.println(String.join(" ", words));
            System.out.flush();
        }
    }
}
