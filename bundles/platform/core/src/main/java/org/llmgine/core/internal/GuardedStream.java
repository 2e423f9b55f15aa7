package org.llmgine.core.internal;

import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.FailsafeException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
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
import org.llmgine.core.Cancellation;
import org.llmgine.core.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between an engine and one call of a provider.
 *
 * <p>{@link #open} tries until the first event is there, so that everything up to it can be tried again; from then on events
 * pass through one by one. The timer and the caller's cancellation end the call from other threads: they set {@link #ended},
 * close the provider's stream, and interrupt the puller if he is still inside the provider. The puller then throws what
 * {@link #ended} holds, whatever the provider made of it.
 */
final class GuardedStream implements ModelStream, HostTimer.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedStream.class);
    private static final VarHandle WAITING_SINCE;
    private static final VarHandle ENDED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WAITING_SINCE = lookup.findVarHandle(GuardedStream.class, "waitingSince", long.class);
            ENDED = lookup.findVarHandle(GuardedStream.class, "ended", LlmgineException.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Failures that say nothing about the provider. */
    private static final Set<ErrorCode> CALLERS_OWN = Set.of(
            ErrorCode.CANCELLED, ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_FIELD, ErrorCode.MODEL_NOT_FOUND);

    private final Instance<HostedProvider> instance;
    private final Origin origin;
    private final Settings settings;
    private final LongSupplier nanoClock;
    private final long started;
    private final Object lock = new Object();

    /** When the puller went into the provider, made odd so that 0 says that he is outside. */
    @SuppressWarnings("UnusedVariable") // written through its handle
    private long waitingSince;

    private volatile @Nullable LlmgineException ended;
    private volatile @Nullable ModelStream stream;
    private volatile boolean flowing;
    private volatile @Nullable Thread puller;
    private @Nullable StreamEvent first;
    private @Nullable Usage usage;
    private boolean finished;

    // Guarded by lock.
    private boolean interrupted;
    private int closing;
    private boolean closed;
    private boolean counted;
    private boolean settled;
    private HostTimer.Registration watching = () -> {};
    private HostTimer.Registration cancelling = () -> {};

    private GuardedStream(Instance<HostedProvider> instance, Settings settings, LongSupplier nanoClock) {
        this.instance = instance;
        this.origin = instance.origin();
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.started = nanoClock.getAsLong();
    }

    /**
     * Open a stream and wait for its first event.
     *
     * @param instance the provider, with a lease that the stream gives back
     * @param check looks at the request before it goes out; runs within the deadlines
     */
    static GuardedStream open(
            Instance<HostedProvider> instance,
            ModelRequest request,
            Runnable check,
            Settings settings,
            HostTimer timer,
            LongSupplier nanoClock,
            Cancellation cancellation) {
        GuardedStream guarded = new GuardedStream(instance, settings, nanoClock);
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
                .start(() -> cancellation.reason().ifPresent(this::end)));
        synchronized (lock) {
            watching = watch;
            cancelling = cancel;
        }
        enter();
        try {
            cancellation.check();
            check.run();
            first = instance.service().policies(settings.retrying()).executor().get(() -> attempt(request));
            flowing = true;
            instance.figures().firstEvent(nanoClock.getAsLong() - started);
        } catch (HostedProvider.Ended e) {
            throw failed(e.reason());
        } catch (CircuitBreakerOpenException e) {
            throw failed(new LlmgineException(
                            ErrorCode.UNAVAILABLE,
                            "The provider '" + origin.name() + "' failed too often and is left alone for a while.")
                    .withRetryAfter(e.getCircuitBreaker().getRemainingDelay()));
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
    private StreamEvent attempt(ModelRequest request) {
        throwIfEnded();
        ModelStream opened = null;
        try {
            opened = origin.call(() -> instance.service().provider().open(request));
            stream = opened;
            // Looked at again, because who ended the call may have looked for the stream before it was there.
            throwIfEnded();
            StreamEvent event = origin.call(opened::next);
            throwIfEnded();
            return orBroken(event);
        } catch (Throwable t) {
            stream = null;
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
            event = source.next();
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            leave();
            thread.setContextClassLoader(callers);
        }
        if (ended != null) {
            throw failed(reasonOr(new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.")));
        }
        if (event == null) {
            throw broken(endedEarly());
        }
        return passOn(event);
    }

    private StreamEvent passOn(StreamEvent event) {
        if (event instanceof Finish) {
            finished = true;
        } else if (event instanceof UsageUpdate update) {
            usage = update.usage();
        }
        return event;
    }

    /** Close the provider's stream; the lease goes back as soon as nobody is inside the provider any more. */
    @Override
    public void close() {
        if (ENDED.compareAndSet(this, null, new LlmgineException(ErrorCode.CANCELLED, "The stream was closed."))) {
            closeStream();
        }
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
        return ended == null && overdue(nanoTime) != null;
    }

    @Override
    public void act() {
        LlmgineException reason = overdue(nanoClock.getAsLong());
        if (reason != null) {
            end(reason);
        }
    }

    private @Nullable LlmgineException overdue(long nanoTime) {
        if (nanoTime - started > settings.streamTimeout().toNanos()) {
            return timeout("didn't end", settings.streamTimeout(), "streamTimeoutMs");
        }
        if (!flowing) {
            return nanoTime - started > settings.firstEventTimeout().toNanos()
                    ? timeout("gave no first event", settings.firstEventTimeout(), "firstEventTimeoutMs")
                    : null;
        }
        long since = (long) WAITING_SINCE.getOpaque(this);
        return since != 0 && nanoTime - since > settings.gapTimeout().toNanos()
                ? timeout("gave no further event", settings.gapTimeout(), "gapTimeoutMs")
                : null;
    }

    private LlmgineException timeout(String what, Duration limit, String deadline) {
        return new LlmgineException(
                        ErrorCode.TIMEOUT,
                        "The provider '" + origin.name() + "' " + what + " within " + limit.toMillis() + " ms.")
                .withHint("The limit is the setting " + deadline + ".");
    }

    /** End the call from another thread. */
    private void end(LlmgineException reason) {
        if (!ENDED.compareAndSet(this, null, reason)) {
            return;
        }
        closeStream();
        synchronized (lock) {
            Thread inside = puller;
            if ((long) WAITING_SINCE.getOpaque(this) != 0 && inside != null) {
                interrupted = true;
                inside.interrupt();
            }
        }
        settle();
    }

    private void enter() {
        WAITING_SINCE.setOpaque(this, nanoClock.getAsLong() | 1);
    }

    private void leave() {
        WAITING_SINCE.setOpaque(this, 0L);
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
            if (settled || !closed || closing > 0 || (long) WAITING_SINCE.getOpaque(this) != 0) {
                return;
            }
            settled = true;
        }
        watching.close();
        cancelling.close();
        instance.figures().ended(nanoClock.getAsLong() - started);
        instance.release();
    }

    private void closeStream() {
        synchronized (lock) {
            closing++;
        }
        ModelStream source = stream;
        if (source != null) {
            close(source);
        }
        synchronized (lock) {
            closing--;
        }
    }

    private void close(ModelStream source) {
        try {
            origin.call(() -> {
                source.close();
                return source;
            });
        } catch (LlmgineException e) {
            LOG.warn("The provider '{}' failed to close a stream: {}", origin.name(), e.getMessage());
        }
    }

    private void throwIfEnded() {
        LlmgineException reason = ended;
        if (reason != null) {
            throw new HostedProvider.Ended(reason);
        }
    }

    private LlmgineException reasonOr(LlmgineException otherwise) {
        LlmgineException reason = ended;
        return reason != null ? reason : otherwise;
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

    /** Report a failure after the first event: nothing is tried again, but the breaker hears of it. */
    private LlmgineException broken(Throwable thrown) {
        LlmgineException failure = ended != null ? reasonOr(endedEarly()) : origin.contain(thrown);
        finished = true;
        if (HostedProvider.breaks(failure)) {
            instance.service().policies(settings.retrying()).breaker().recordFailure();
        }
        return failed(failure);
    }

    private LlmgineException failed(LlmgineException failure) {
        synchronized (lock) {
            if (counted || CALLERS_OWN.contains(failure.code())) {
                return failure;
            }
            counted = true;
        }
        instance.figures().failed();
        return failure;
    }
}
