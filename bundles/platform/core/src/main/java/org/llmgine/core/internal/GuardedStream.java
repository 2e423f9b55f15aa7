package org.llmgine.core.internal;

import dev.failsafe.FailsafeException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between an engine and one call of a provider.
 *
 * <p>{@link #open} tries until the first event is there, so that everything up to it can be tried again; from then on events
 * pass through one by one. The timer and the caller's cancellation end the call from other threads: they set {@link #ended},
 * close the provider's stream, and interrupt the puller if he is still inside the provider. The puller then throws what
 * {@link #ended} holds, whatever the provider made of it. The provider's close() may block: it runs on a thread of its own, for
 * which nobody waits longer than a moment, and at a stream's regular end not at all.
 */
final class GuardedStream implements ModelStream, HostTimer.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedStream.class);
    private static final Duration GRACE = Duration.ofMillis(500);

    /** Says that the stream was closed. For what is thrown of it an exception of its own is made, and mostly nothing is. */
    private static final LlmgineException CLOSED = closed();

    private static final VarHandle WAITING_SINCE;

    static {
        try {
            WAITING_SINCE = MethodHandles.lookup().findVarHandle(GuardedStream.class, "waitingSince", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Instance<HostedProvider> instance;
    private final Origin origin;
    private final boolean streamed;
    private final Settings settings;
    private final LongSupplier nanoClock;
    private final long asked;
    private final long started;
    private final Object lock = new Object();

    /** When the puller went into the provider, made odd so that 0 says that he is outside. */
    @SuppressWarnings("UnusedVariable") // written through its handle
    private long waitingSince;

    /** Why the call was ended from outside; set once, under the lock. */
    private volatile @Nullable LlmgineException ended;

    private volatile Breaker.@Nullable Permit permit;
    private volatile @Nullable ModelStream stream;
    private volatile boolean flowing;
    private volatile @Nullable Thread puller;
    private @Nullable StreamEvent first;
    private @Nullable Usage usage;
    private volatile boolean finished;

    /** Closes the stream of a provider that has nobody inside, and since when: nobody waits for it. */
    private volatile @Nullable Thread closer;

    private volatile long closingSince;

    // Guarded by lock.
    private boolean interrupted;
    private int closing;
    private boolean closed;
    private boolean counted;
    private boolean settled;
    private HostTimer.Registration watching = () -> {};
    private HostTimer.Registration cancelling = () -> {};

    private GuardedStream(
            Instance<HostedProvider> instance,
            boolean streamed,
            Settings settings,
            LongSupplier nanoClock,
            long asked) {
        this.instance = instance;
        this.streamed = streamed;
        this.origin = instance.origin();
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.asked = asked;
        this.started = nanoClock.getAsLong();
    }

    /**
     * Open a stream and wait for its first event.
     *
     * @param instance the provider, with a lease that the stream gives back
     * @param check looks at the request before it goes out; runs within the deadlines
     * @param asked when the call was made, of which this may be a further try; its total deadline counts from then
     */
    static GuardedStream open(
            Instance<HostedProvider> instance,
            ModelRequest request,
            Runnable check,
            Settings settings,
            HostTimer timer,
            LongSupplier nanoClock,
            long asked,
            Cancellation cancellation) {
        GuardedStream guarded = new GuardedStream(instance, request.streamed(), settings, nanoClock, asked);
        instance.figures().begun();
        try {
            guarded.begin(request, check, timer, cancellation);
            return guarded;
        } catch (Throwable t) {
            guarded.close();
            throw t;
        }
    }

    private void begin(ModelRequest request, Runnable check, HostTimer timer, Cancellation cancellation) {
        if (instance.leases() > settings.maxConcurrentStreams()) {
            throw failed(new LlmgineException(
                            ErrorCode.OVERLOADED,
                            "The provider '" + origin.name() + "' already has " + settings.maxConcurrentStreams()
                                    + " open streams.")
                    .withRetryAfter(Duration.ofSeconds(1)));
        }
        puller = Thread.currentThread();
        HostTimer.Registration watch = timer.watch(this);
        HostTimer.Registration cancel = cancellation.onCancel(() -> Thread.ofVirtual()
                .name("llmgine-cancel")
                .start(() -> cancellation.reason().ifPresent(this::abandon)));
        synchronized (lock) {
            watching = watch;
            cancelling = cancel;
        }
        enter();
        try {
            cancellation.check();
            check.run();
            Breaker breaker = instance.breaker(settings.retrying());
            first = instance.service().retry(settings.retrying()).get(() -> attempt(request, breaker));
            flowing = true;
            instance.figures().firstEvent(nanoClock.getAsLong() - started);
        } catch (HostedProvider.Ended e) {
            throw failed(e.reason());
        } catch (FailsafeException e) {
            // The pause before a retry was interrupted.
            throw failed(reasonOr(new LlmgineException(ErrorCode.CANCELLED, "The call was interrupted.", e)));
        } catch (LlmgineException e) {
            throw failed(reasonOr(e));
        } finally {
            leave();
        }
    }

    /** Open the provider's stream and pull its first event, once. */
    private StreamEvent attempt(ModelRequest request, Breaker breaker) {
        permit = breaker.permit()
                .orElseThrow(() ->
                        new HostedProvider.Ended(reasonOr(breaker.refusal("The provider '" + origin.name() + "'"))));
        ModelStream opened = null;
        try {
            // Looked at only now, because who ended the call before may have looked for the permit before it was there.
            throwIfEnded();
            opened = origin.call(() -> instance.service().provider().open(request));
            if (opened == null) {
                throw endedEarly();
            }
            stream = opened;
            // Looked at again, because who ended the call may have looked for the stream before it was there.
            throwIfEnded();
            StreamEvent event = origin.call(opened::next);
            throwIfEnded();
            return orBroken(event);
        } catch (Throwable t) {
            stream = null;
            LlmgineException reason = ended;
            record(reason != null ? reason : t);
            if (opened != null) {
                close(opened);
            }
            throwIfEnded();
            throw t;
        }
    }

    @Override
    public StreamEvent next() {
        StreamEvent event = first;
        if (event != null) {
            first = null;
            return passOn(event);
        }
        ModelStream source = stream;
        if (ended != null || finished || source == null) {
            throw failed(reasonOr(new LlmgineException(ErrorCode.PROVIDER_ERROR, "The stream has already ended.")));
        }
        Thread thread = Thread.currentThread();
        if (puller != thread) {
            puller = thread;
        }
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(origin.loader());
        enter();
        try {
            // Looked at again: who ended the stream just before saw nobody inside whom to interrupt.
            event = ended == null ? source.next() : null;
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            leave();
            thread.setContextClassLoader(callers);
        }
        if (ended != null) {
            throw failed(reasonOr(closed()));
        }
        if (event == null) {
            throw broken(endedEarly());
        }
        return passOn(event);
    }

    /** Ask the provider; what it throws is no, and comes up again in {@link #next}. */
    @Override
    public boolean isReady() {
        if (first != null) {
            return true;
        }
        ModelStream source = stream;
        if (ended != null || finished || source == null) {
            return false;
        }
        Thread thread = Thread.currentThread();
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(origin.loader());
        try {
            return source.isReady();
        } catch (Throwable t) {
            return false;
        } finally {
            thread.setContextClassLoader(callers);
        }
    }

    private StreamEvent passOn(StreamEvent event) {
        if (event instanceof Finish) {
            finished = true;
            record(null);
        } else if (event instanceof UsageUpdate update) {
            usage = update.usage();
        }
        return event;
    }

    /** Close the provider's stream; the lease goes back as soon as nobody is inside the provider any more. */
    @Override
    public void close() {
        abandon(CLOSED);
        synchronized (lock) {
            closed = true;
        }
        settle();
    }

    /** Tell whether nothing of the plugin is in use any more. */
    boolean isSettled() {
        synchronized (lock) {
            return settled;
        }
    }

    /** Return the tokens as last reported; empty when the back-end told none. */
    Optional<Usage> usage() {
        return Optional.ofNullable(usage);
    }

    @Override
    public boolean isDue(long nanoTime) {
        return ended == null ? overdue(nanoTime) != null : closesTooLong(nanoTime);
    }

    @Override
    public void act() {
        long now = nanoClock.getAsLong();
        Thread late = closer;
        if (late != null && closesTooLong(now)) {
            closer = null;
            interrupt(late);
            return;
        }
        LlmgineException reason = overdue(now);
        if (reason != null) {
            end(reason, () -> record(reason));
        }
    }

    private boolean closesTooLong(long nanoTime) {
        Thread thread = closer;
        return thread != null && thread.isAlive() && nanoTime - closingSince > GRACE.toNanos();
    }

    private @Nullable LlmgineException overdue(long nanoTime) {
        if (nanoTime - asked > settings.streamTimeout().toNanos()) {
            return timeout("didn't end", settings.streamTimeout(), "streamTimeoutMs");
        }
        if (!flowing) {
            return nanoTime - started > firstLimit().toNanos() ? noFirstEvent() : null;
        }
        long since = (long) WAITING_SINCE.getVolatile(this);
        return since != 0 && nanoTime - since > settings.gapTimeout().toNanos()
                ? timeout("gave no further event", settings.gapTimeout(), "gapTimeoutMs")
                : null;
    }

    /** An answer that nobody takes piece by piece may come as one event, and that takes its time. */
    private Duration firstLimit() {
        return streamed ? settings.firstEventTimeout() : settings.wholeAnswerTimeout();
    }

    private LlmgineException noFirstEvent() {
        return streamed
                ? timeout("gave no first event", firstLimit(), "firstEventTimeoutMs")
                : timeout("gave no answer", firstLimit(), "wholeAnswerTimeoutMs");
    }

    private LlmgineException timeout(String what, Duration limit, String deadline) {
        return new LlmgineException(
                        ErrorCode.TIMEOUT,
                        "The provider '" + origin.name() + "' " + what + " within " + limit.toMillis() + " ms.")
                .withHint("The limit is the setting " + deadline + ".");
    }

    /** End the call for a reason that says nothing about the provider. */
    private void abandon(LlmgineException reason) {
        end(reason, () -> {
            Breaker.Permit now = permit;
            if (now != null) {
                now.giveBack();
            }
        });
    }

    /** End the call, as a rule from another thread; the first reason counts. */
    private void end(LlmgineException reason, Runnable telling) {
        synchronized (lock) {
            if (ended != null) {
                return;
            }
            // Together with the reason, so that a puller who leaves at once doesn't give the lease back meanwhile.
            closing++;
            ended = reason;
        }
        telling.run();
        ModelStream source = stream;
        boolean idle = finished;
        Thread thread = source == null ? null : startClosing(source);
        if (thread != null && idle) {
            closingSince = nanoClock.getAsLong();
            closer = thread;
        } else if (thread != null) {
            awaitEnd(thread);
        }
        synchronized (lock) {
            Thread inside = puller;
            if ((long) WAITING_SINCE.getVolatile(this) != 0 && inside != null) {
                interrupted = true;
                inside.interrupt();
            }
            closing--;
        }
        settle();
        if (thread != null && !idle) {
            awaitEndOrInterrupt(thread);
        }
    }

    private void enter() {
        WAITING_SINCE.setVolatile(this, nanoClock.getAsLong() | 1);
    }

    private void leave() {
        WAITING_SINCE.setVolatile(this, 0L);
        if (ended != null) {
            synchronized (lock) {
                if (interrupted) {
                    // It was meant for the provider; the engine hears of it by an exception.
                    interrupted = false;
                    Thread.interrupted();
                }
            }
            settle();
        }
    }

    /** Give lease and watches back, once: when the stream is closed and the puller is outside. */
    private void settle() {
        synchronized (lock) {
            if (settled || !closed || closing > 0 || (long) WAITING_SINCE.getVolatile(this) != 0) {
                return;
            }
            settled = true;
        }
        watching.close();
        cancelling.close();
        instance.figures().ended(nanoClock.getAsLong() - started);
        instance.release();
    }

    private void close(ModelStream source) {
        awaitEndOrInterrupt(startClosing(source));
    }

    private Thread startClosing(ModelStream source) {
        synchronized (lock) {
            closing++;
        }
        return Thread.ofVirtual().name("llmgine-close").start(() -> {
            try {
                origin.call(() -> {
                    source.close();
                    return source;
                });
            } catch (LlmgineException e) {
                LOG.warn("The provider '{}' failed to close a stream: {}", origin.name(), e.getMessage());
            } finally {
                closingDone();
            }
        });
    }

    private void closingDone() {
        synchronized (lock) {
            closing--;
        }
        settle();
    }

    private void awaitEndOrInterrupt(Thread closer) {
        if (!awaitEnd(closer)) {
            interrupt(closer);
        }
    }

    private void interrupt(Thread closer) {
        LOG.warn("The provider '{}' takes too long to close a stream and is interrupted.", origin.name());
        closer.interrupt();
    }

    /** Wait a moment for a thread to end, and keep an interrupt for later. */
    private static boolean awaitEnd(Thread closer) {
        boolean interrupted = Thread.interrupted();
        try {
            return closer.join(GRACE);
        } catch (InterruptedException e) {
            interrupted = true;
            return !closer.isAlive();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void throwIfEnded() {
        if (ended != null) {
            throw new HostedProvider.Ended(reasonOr(closed()));
        }
    }

    private LlmgineException reasonOr(LlmgineException otherwise) {
        LlmgineException reason = ended;
        if (reason == null) {
            return otherwise;
        }
        return reason == CLOSED ? closed() : reason;
    }

    private static LlmgineException closed() {
        return new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
    }

    private StreamEvent orBroken(@Nullable StreamEvent event) {
        if (event == null) {
            throw endedEarly();
        }
        return event;
    }

    private LlmgineException endedEarly() {
        return new LlmgineException(
                ErrorCode.PROVIDER_ERROR, "The stream of the provider '" + origin.name() + "' ended without a finish.");
    }

    /** Report a failure after the first event; nothing is tried again. */
    private LlmgineException broken(Throwable thrown) {
        LlmgineException failure = ended != null ? reasonOr(endedEarly()) : origin.contain(thrown);
        finished = true;
        return failed(failure);
    }

    private LlmgineException failed(LlmgineException failure) {
        record(failure);
        synchronized (lock) {
            if (counted || Origin.isCallersOwn(failure)) {
                return failure;
            }
            counted = true;
        }
        instance.figures().failed();
        if (permit != null) {
            // Without one the provider wasn't asked, and the host itself refused.
            origin.log(failure);
        }
        return failure;
    }

    /** Tell the breaker once how the try went; null for well. */
    private void record(@Nullable Throwable failure) {
        Breaker.Permit now = permit;
        if (now != null) {
            now.record(failure);
        }
    }
}
