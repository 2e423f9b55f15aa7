package org.llmgine.core.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.Usage;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnFailure;

/**
 * Is a session's turn that waits, runs, or ended not long ago: where it stands, and its events.
 *
 * <p>{@link #begin} and {@link #end} are called under the session's lock. The timer watches a running turn that nobody reads.
 */
final class LiveTurn implements TurnEmitter, HostTimer.Watch {
    private final String id;
    private final String session;
    private final Principal principal;
    private final TurnDraft draft;
    private final String prompt;
    private final Instant created;
    private final TurnLog log;
    private final LongSupplier nanoClock;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Cancellation cancellation = new Cancellation();
    private volatile Duration grace = Duration.ZERO;
    private volatile @Nullable Thread thread;
    private volatile boolean begun;
    private volatile long begunNanos;
    private volatile boolean entered;
    private volatile String engine;
    private volatile String model = "";
    private volatile Optional<Usage> usage = Optional.empty();
    private volatile @Nullable SessionTurn ended;

    /**
     * Make a turn that waits.
     *
     * @param prompt the id of the message that it answers, which may be yet to be stored
     */
    LiveTurn(
            String id,
            String session,
            Principal principal,
            TurnDraft draft,
            String prompt,
            String engine,
            Instant created,
            TurnLog log,
            LongSupplier nanoClock) {
        this.id = id;
        this.session = session;
        this.principal = principal;
        this.draft = draft;
        this.prompt = prompt;
        this.engine = engine;
        this.created = created;
        this.log = log;
        this.nanoClock = nanoClock;
    }

    String id() {
        return id;
    }

    String session() {
        return session;
    }

    Principal principal() {
        return principal;
    }

    TurnDraft draft() {
        return draft;
    }

    String prompt() {
        return prompt;
    }

    TurnLog log() {
        return log;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    boolean isOver() {
        return ended != null;
    }

    /** Tell whether it has begun, and neither waits in line nor for a person. */
    boolean isRunning() {
        return begun && !isOver();
    }

    /** Describe the turn as it stands. */
    SessionTurn now() {
        SessionTurn last = ended;
        String state = begun ? SessionTurn.RUNNING : SessionTurn.QUEUED;
        return last != null ? last : describe(state, Optional.empty(), "", Optional.empty());
    }

    /**
     * Let it run from now on.
     *
     * @param grace for how long nobody has to read it
     * @param thread runs it
     */
    void begin(String engine, Duration grace, Thread thread) {
        this.engine = engine;
        this.grace = grace;
        this.thread = thread;
        log.begin();
        begunNanos = nanoClock.getAsLong();
        entered = true;
        begun = true;
    }

    /** Return how long ago it was entered; empty when it never was. */
    Optional<Duration> ran() {
        return entered ? Optional.of(Duration.ofNanos(nanoClock.getAsLong() - begunNanos)) : Optional.empty();
    }

    /** Let it wait for a person; what would have cancelled the run that is over doesn't cancel the next. */
    void park() {
        rest();
        log.begin();
        cancellation = new Cancellation();
    }

    /** Let it wait in line again. */
    void rest() {
        begun = false;
        // A thread that is over still holds what it ran.
        thread = null;
    }

    /** Take what its earlier runs, here or on other hosts, have made of it. */
    void resumeFrom(SessionTurn stored) {
        model = stored.model();
        usage = stored.usage();
    }

    /** Describe the turn as it is while it waits for a person. */
    SessionTurn suspended() {
        return describe(SessionTurn.SUSPENDED, Optional.empty(), "", Optional.empty());
    }

    /** Interrupt whatever it is doing. */
    void interrupt() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Return the tokens of its model calls up to the last suspension. */
    Optional<Usage> usage() {
        return usage;
    }

    /** Take the tokens of all its model calls. */
    void used(Usage all) {
        usage = Optional.of(all);
    }

    /** Fix how it ended; the readers learn it by {@link #tell}. */
    SessionTurn end(String state, Instant when, String finishReason, Optional<LlmgineException> failure) {
        SessionTurn last = describe(state, Optional.of(when), finishReason, failure);
        ended = last;
        // A thread that is over still holds what it ran.
        thread = null;
        return last;
    }

    /** Fix how it ended while it was suspended. */
    void end(SessionTurn last) {
        ended = last;
    }

    /** Tell readers and waiters how it ended. */
    void tell(SessionTurn last) {
        log.end(new TurnEnded(last));
        over.countDown();
    }

    /** Wait for the end, so long at most; tells whether it came. */
    boolean await(Duration limit) throws InterruptedException {
        return over.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private SessionTurn describe(
            String state, Optional<Instant> when, String finishReason, Optional<LlmgineException> failure) {
        return new SessionTurn(
                id,
                session,
                state,
                prompt,
                engine,
                model,
                created,
                when,
                finishReason,
                usage,
                failure.map(TurnFailure::of));
    }

    @Override
    public void emit(StreamEvent event) {
        if (event instanceof ModelStarted started) {
            model = started.model();
        } else if (event instanceof Finish || event instanceof ExtensionUpdate) {
            // The end tells the one; the other is for callers who speak the back-end's protocol.
            return;
        }
        log.append(event);
    }

    @Override
    public boolean isDue(long nanoTime) {
        // One that waits for a person needs no reader; the watch of its last run may still be there.
        return begun && log.unreadNanos(nanoTime) > grace.toNanos() && !cancellation.isCancelled();
    }

    @Override
    public void act() {
        // Asked again, because a reader may have come since.
        if (isDue(nanoClock.getAsLong())) {
            cancellation.cancel(
                    new LlmgineException(ErrorCode.CANCELLED, "Nobody read the turn for " + grace.toMillis() + " ms.")
                            .withHint("The limit is the session's or the host's setting detachedGraceMs."));
        }
    }
}
