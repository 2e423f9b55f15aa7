package org.llmgine.bus;

import org.osgi.annotation.versioning.ProviderType;

/** Follow the bus' events. Used by one thread; any thread may close it. */
@ProviderType
public interface EventReader extends AutoCloseable {
    /**
     * Wait for the next event and return it.
     *
     * @throws org.llmgine.api.LlmgineException {@code cancelled} once it is closed
     */
    ShownEvent next();

    /** Read no more; a blocked {@link #next()} returns at once. Idempotent. */
    @Override
    void close();
}
