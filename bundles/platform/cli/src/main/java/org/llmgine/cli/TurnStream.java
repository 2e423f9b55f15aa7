package org.llmgine.cli;

import java.io.EOFException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of a turn to its end. When the connection drops, it goes on after the last event that came, without losing
 * or repeating one, and gives up when {@link #ATTEMPTS} attempts in a row brought nothing. One thread reads; any may close.
 */
final class TurnStream implements AutoCloseable {
    static final int ATTEMPTS = 8;

    private static final int LONGEST_PAUSE_MS = 5_000;

    // The host pings a stream every few seconds.
    private static final int SILENCE_MS = 30_000;

    private final Host host;
    private final String session;
    private final @Nullable Map<String, ?> question;
    private final IntConsumer lost;
    private final int pauseMs;
    private final CountDownLatch closed = new CountDownLatch(1);

    private volatile String turn;
    private @Nullable EventStream events;
    private String lastEventId = "";
    private int failures;
    private volatile boolean over;
    private volatile boolean sessionGone;

    private TurnStream(
            Host host, String session, String turn, @Nullable Map<String, ?> question, IntConsumer lost, int pauseMs) {
        this.host = host;
        this.session = session;
        this.turn = turn;
        this.question = question;
        this.lost = lost;
        this.pauseMs = pauseMs;
    }

    /**
     * Begin a turn with the first read.
     *
     * @param question the body of the request
     * @param lost called before each attempt to go on, with its number from 1
     * @param pauseMs how long to wait before the first attempt; each further one waits twice as long, 5 s at most
     */
    static TurnStream start(Host host, String session, Map<String, ?> question, IntConsumer lost, int pauseMs) {
        return new TurnStream(host, session, "", question, lost, pauseMs);
    }

    /** Follow a turn that runs, from its beginning. */
    static TurnStream follow(Host host, String session, String turn, IntConsumer lost, int pauseMs) {
        return new TurnStream(host, session, turn, null, lost, pauseMs);
    }

    /** Return the turn's id; empty while the host hasn't told it. */
    String turn() {
        return turn;
    }

    /** Whether the turn is known to have begun and not known to have ended. */
    boolean running() {
        return !turn.isEmpty() && !over;
    }

    /** Whether the host said that it has no such session. */
    boolean sessionGone() {
        return sessionGone;
    }

    /** Wait for the next event; null when the last one was returned, or after {@link #close}. */
    @Nullable TurnEvent next() throws HostException {
        while (!over && closed.getCount() > 0) {
            try {
                EventStream.Event event = connected().next();
                if (event == null) {
                    throw new EOFException("the host ended the connection early");
                }
                Object data = Json.read(event.data());
                if (data == null) {
                    throw new HostException(
                            ExitCode.ERROR, "The answer broke off: the host sent an event that is no JSON.");
                }
                failures = 0;
                lastEventId = event.id();
                TurnEvent read = new TurnEvent(event.name(), data);
                over = read.last();
                return read;
            } catch (HostException e) {
                sessionGone = e.missing(session);
                throw e;
            } catch (IOException e) {
                reconnect(Host.broken(e));
            }
        }
        return null;
    }

    private EventStream connected() throws HostException {
        while (events == null) {
            if (turn.isEmpty()) {
                Host.Stream stream = host.stream("POST", Sessions.turns(session), question, "", SILENCE_MS);
                turn = stream.location().substring(stream.location().lastIndexOf('/') + 1);
                events = stream.events();
            } else {
                try {
                    String path = Sessions.turn(session, turn) + "/stream";
                    events = host.stream("GET", path, null, lastEventId, SILENCE_MS)
                            .events();
                } catch (HostException e) {
                    if (!e.passing()) {
                        throw e;
                    }
                    reconnect(e);
                }
            }
        }
        return events;
    }

    private void reconnect(HostException failure) throws HostException {
        if (events != null) {
            try {
                events.close();
            } catch (IOException e) {
                // it is broken already
            }
            events = null;
        }
        failures++;
        if (turn.isEmpty() || failures > ATTEMPTS) {
            throw failure;
        }
        lost.accept(failures);
        try {
            if (closed.await(Math.min(LONGEST_PAUSE_MS, (long) pauseMs << (failures - 1)), TimeUnit.MILLISECONDS)) {
                throw failure;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }

    /** End the reading at the next event; the turn goes on at the host. */
    @Override
    public void close() {
        closed.countDown();
    }
}
