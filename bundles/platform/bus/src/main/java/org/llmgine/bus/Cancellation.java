package org.llmgine.bus;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Let one thread cancel what another one does. The first reason counts. Thread-safe. */
public final class Cancellation {
    private static final Logger LOG = LoggerFactory.getLogger(Cancellation.class);

    private final List<Runnable> actions = new ArrayList<>();
    private volatile @Nullable LlmgineException reason;

    /** Cancel because the caller left or asked to stop. */
    public void cancel() {
        cancel(new LlmgineException(ErrorCode.CANCELLED, "The caller left or asked to stop."));
    }

    /** Cancel for a reason, which the cancelled work then throws. Runs the registered actions on this thread. */
    public void cancel(LlmgineException reason) {
        List<Runnable> due;
        synchronized (actions) {
            if (this.reason != null) {
                return;
            }
            this.reason = reason;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Cancellation::run);
    }

    /** One action that fails keeps no other from being run. */
    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.warn("What was to be done at a cancellation failed.", e);
        }
    }

    /** Tell whether it is cancelled. */
    public boolean isCancelled() {
        return reason != null;
    }

    /** Return the reason once it is cancelled. */
    public Optional<LlmgineException> reason() {
        return Optional.ofNullable(reason);
    }

    /** Throw the reason if it is cancelled. */
    public void check() {
        LlmgineException thrown = reason;
        if (thrown != null) {
            throw thrown;
        }
    }

    /**
     * Run an action when it is cancelled, at once if it already is.
     *
     * @return closes the registration; idempotent
     */
    public HostTimer.Registration onCancel(Runnable action) {
        synchronized (actions) {
            if (reason == null) {
                actions.add(action);
                return () -> {
                    synchronized (actions) {
                        actions.remove(action);
                    }
                };
            }
        }
        action.run();
        return () -> {};
    }
}
