package org.llmgine.core.internal;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One tool call in its plugin's pool; it gives its lease back when the tool's code is left, however late that is. */
final class ToolTask extends FutureTask<ToolResult> {
    private static final Logger LOG = LoggerFactory.getLogger(ToolTask.class);
    private static final long GRACE_MS = 500;

    private final Instance<HostedTool> instance;
    private final ToolPool pool;
    private final Breaker.Permit permit;
    private final Optional<MessageContext> sender;
    private final long begun = System.nanoTime();
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.RUNNING);
    private volatile @Nullable Thread runner;

    private enum Fate {
        RUNNING,
        LEFT_BEHIND,
        OVER
    }

    ToolTask(
            Instance<HostedTool> instance,
            ToolCall call,
            ToolContext context,
            ToolPool pool,
            Optional<MessageContext> sender,
            Breaker.Permit permit) {
        super(() -> call(instance, call, context, permit));
        this.instance = instance;
        this.pool = pool;
        this.permit = permit;
        this.sender = sender;
        instance.figures().begun();
    }

    private static ToolResult call(
            Instance<HostedTool> instance, ToolCall call, ToolContext context, Breaker.Permit permit) {
        Origin origin = instance.origin();
        ToolResult result;
        try {
            result = origin.call(
                    () -> {
                        try {
                            ToolResult given = instance.service().call(call.arguments(), context);
                            return given != null
                                    ? given
                                    : ToolResult.error("The tool '" + call.name() + "' gave no result.");
                        } catch (LlmgineException e) {
                            throw e;
                        } catch (Exception e) {
                            LOG.debug("The tool {} of the plugin {} failed.", call.name(), origin.plugin(), e);
                            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                            String failure = "The tool '" + call.name() + "' failed: " + why;
                            permit.record(new LlmgineException(ErrorCode.PLUGIN_FAILED, failure));
                            return ToolResult.error(failure);
                        }
                    },
                    permit::record);
        } catch (LlmgineException e) {
            result = Tools.error(e);
        }
        permit.record(null);
        if (result.isError()) {
            instance.figures().failed();
        }
        return result;
    }

    @Override
    public void run() {
        runner = Thread.currentThread();
        try {
            sender.ifPresentOrElse(message -> message.run(super::run), super::run);
        } finally {
            end();
        }
    }

    /** Return the name of the thread that runs it; empty as long as none does. */
    String threadName() {
        Thread thread = runner;
        return thread == null ? "" : thread.getName();
    }

    private void end() {
        boolean wasLeftBehind = fate.getAndSet(Fate.OVER) == Fate.LEFT_BEHIND;
        instance.figures().ended(System.nanoTime() - begun);
        instance.release();
        over.countDown();
        if (wasLeftBehind) {
            pool.comeBack(this);
        }
    }

    /**
     * Interrupt the tool; if it doesn't end then, leave its thread behind.
     *
     * @param reason why nobody waits for it any more
     */
    void abandon(LlmgineException reason) {
        permit.record(reason);
        cancel(true);
        if (pool.remove(this)) {
            end();
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            if (!over.await(GRACE_MS, TimeUnit.MILLISECONDS) && fate.compareAndSet(Fate.RUNNING, Fate.LEFT_BEHIND)) {
                instance.figures().failed();
                pool.leaveBehind(this);
                LOG.warn(
                        "The tool '{}' of the plugin '{}' ignores its interrupt; the thread {} is left behind.",
                        instance.origin().name(),
                        instance.origin().plugin(),
                        threadName());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
