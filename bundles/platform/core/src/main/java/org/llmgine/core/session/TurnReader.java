package org.llmgine.core.session;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Follow the events of one turn, as one of any number of readers. Used by one thread; any thread may close it.
 *
 * <p>An open reader keeps the turn from being cancelled as unread.
 */
@ProviderType
public interface TurnReader extends AutoCloseable {
    /**
     * Wait for the next event and return it; null after {@link TurnEnded} was read.
     *
     * @throws org.llmgine.api.LlmgineException {@code cancelled} once it is closed
     */
    @Nullable TurnEvent next();

    /** Tell whether {@link #next()} would return at once. */
    boolean isReady();

    /** Read no more; a blocked {@link #next()} returns at once. Idempotent. */
    @Override
    void close();
}
