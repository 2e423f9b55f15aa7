package org.llmgine.bus.internal;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;

/** One message on its way. */
abstract class Context implements MessageContext {
    /** The message in whose handler a thread is. */
    static final ScopedValue<Context> CURRENT = ScopedValue.newInstance();

    private final Ids ids;
    private final String session;
    private final Principal principal;
    private final String origin;
    private final SendOptions options;
    private final long sentMillis;

    private volatile @Nullable String id;
    private volatile @Nullable Cancellation cancellation;

    Context(Ids ids, @Nullable Context parent, String origin, SendOptions options, long sentMillis) {
        this.ids = ids;
        this.origin = origin;
        this.options = options;
        this.sentMillis = sentMillis;
        session = sessionOf(options, parent);
        principal = options.principal().orElse(parent == null ? Principal.ANONYMOUS : parent.principal());
    }

    static @Nullable Context now() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    static String sessionOf(SendOptions options, @Nullable Context parent) {
        return options.session().orElse(parent == null ? "" : parent.session());
    }

    @Override
    public String id() {
        String made = id;
        if (made == null) {
            synchronized (this) {
                made = id;
                if (made == null) {
                    made = ids.next();
                    id = made;
                }
            }
        }
        return made;
    }

    @Override
    public String session() {
        return session;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public Instant sent() {
        return Instant.ofEpochMilli(sentMillis);
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public Map<String, String> metadata() {
        return options.metadata();
    }

    @Override
    public String idempotencyKey() {
        return options.idempotencyKey().orElseGet(this::id);
    }

    /** Return the way by which it can be cancelled, made when it is first asked for. */
    Cancellation cancellation() {
        Cancellation made = cancellation;
        if (made == null) {
            synchronized (this) {
                made = cancellation;
                if (made == null) {
                    made = new Cancellation();
                    cancellation = made;
                }
            }
        }
        return made;
    }

    @Override
    public boolean cancelled() {
        Cancellation made = cancellation;
        return (made != null && made.isCancelled()) || Thread.currentThread().isInterrupted();
    }

    @Override
    public void checkCancelled() {
        Cancellation made = cancellation;
        if (made != null) {
            made.check();
        }
        if (Thread.currentThread().isInterrupted()) {
            throw Failures.interrupted();
        }
    }

    @Override
    public Registration onCancel(Runnable action) {
        HostTimer.Registration registration = cancellation().onCancel(action);
        return registration::close;
    }

    @Override
    public <T> T call(Callable<T> work) throws Exception {
        return ScopedValue.where(CURRENT, this).call(work::call);
    }

    @Override
    public void run(Runnable work) {
        ScopedValue.where(CURRENT, this).run(work);
    }

    /** Find the event whose session's order stands still while the caller waits; null when nobody's does. */
    static @Nullable Delivery enclosing(@Nullable Context context) {
        for (Context now = context; now != null; ) {
            switch (now) {
                case Delivery delivery -> {
                    return delivery.isActive() ? delivery : null;
                }
                case CommandRun<?> run -> now = run.isRunning() ? run.parent() : null;
                default -> throw new IllegalStateException(now.toString());
            }
        }
        return null;
    }

    @Override
    public Optional<String> cause() {
        return Optional.empty();
    }

    @Override
    public int attempt() {
        return 1;
    }

    /** Wait for nothing any more. */
    void cancel(LlmgineException reason) {
        cancellation().cancel(reason);
    }
}
