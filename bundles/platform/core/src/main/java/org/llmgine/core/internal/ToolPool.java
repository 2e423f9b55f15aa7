package org.llmgine.core.internal;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.llmgine.core.spi.ActiveVersions;

/**
 * Runs the tools of one plugin on platform threads, so many at a time; idle threads end.
 *
 * <p>A thread that ignores its interrupt is left behind: another one takes its place, up to as many again as there are.
 */
final class ToolPool {
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor executor;
    private int threads;
    private final Set<ToolTask> stuck = new LinkedHashSet<>();

    ToolPool(String plugin, int threads) {
        this.threads = threads;
        executor = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory(plugin));
        executor.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory factory(String plugin) {
        ThreadFactory factory = Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("llmgine-tool-" + plugin + "-", 1)
                .factory();
        return task -> {
            Thread thread = factory.newThread(task);
            // The caller's is some engine's, which an idle thread here must not hold.
            thread.setContextClassLoader(ToolPool.class.getClassLoader());
            return thread;
        };
    }

    void execute(Runnable task) {
        executor.execute(task);
    }

    /** Forget a task; tells whether it hadn't begun. */
    boolean remove(Runnable task) {
        return executor.remove(task);
    }

    synchronized void resize(int count) {
        if (threads != count) {
            threads = count;
            fit();
        }
    }

    synchronized void leaveBehind(ToolTask task) {
        stuck.add(task);
        fit();
    }

    synchronized void comeBack(ToolTask task) {
        stuck.remove(task);
        fit();
    }

    synchronized ActiveVersions.ToolThreads describe() {
        return new ActiveVersions.ToolThreads(
                executor.getPoolSize(), stuck.stream().map(ToolTask::threadName).toList());
    }

    private void fit() {
        int size = threads + Math.min(stuck.size(), threads);
        if (size > executor.getMaximumPoolSize()) {
            executor.setMaximumPoolSize(size);
            executor.setCorePoolSize(size);
        } else {
            executor.setCorePoolSize(size);
            executor.setMaximumPoolSize(size);
        }
    }
}
