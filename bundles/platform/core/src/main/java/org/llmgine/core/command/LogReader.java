package org.llmgine.core.command;

import org.osgi.annotation.versioning.ProviderType;

/** Follow the host's log. Used by one thread; any thread may close it. */
@ProviderType
public interface LogReader extends AutoCloseable {
    /**
     * Wait for the next line and return it. One that stands for lines which this reader was too slow for says how many were lost.
     *
     * @throws org.llmgine.api.LlmgineException {@code cancelled} once it is closed
     */
    LogLine next();

    /** Read no more; a blocked {@link #next()} returns at once. Idempotent. */
    @Override
    void close();
}
