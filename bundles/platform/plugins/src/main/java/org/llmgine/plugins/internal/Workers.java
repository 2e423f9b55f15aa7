package org.llmgine.plugins.internal;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.api.LlmgineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does work that nobody waits for, each on a virtual thread; closing interrupts what is still at it. */
final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    private final Set<Thread> working = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Works, for nobody who waits. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Start work.
     *
     * @param failure begins what the log says when it fails, without a full stop
     */
    void start(String failure, Work work) {
        Thread worker = Thread.ofVirtual().name("llmgine-plugins").unstarted(() -> {
            try {
                work.run();
            } catch (InterruptedException e) {
                // The host stops.
            } catch (LlmgineException e) {
                LOG.warn(
                        "{}: {}{}",
                        failure,
                        e.getMessage(),
                        e.hint().map(hint -> " " + hint).orElse(""));
            } catch (IOException e) {
                LOG.warn("{}: {}", failure, Framework.sentence(e));
            } catch (RuntimeException e) {
                LOG.error("{}.", failure, e);
            } finally {
                working.remove(Thread.currentThread());
            }
        });
        working.add(worker);
        worker.start();
        if (closed) {
            worker.interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        working.forEach(Thread::interrupt);
    }
}
