package org.llmgine.bus;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Show the bus' events to who watches them, after all their listeners. It never slows the bus: who reads too slowly loses events,
 * and is told how many. While nobody follows, nothing listens. Thread-safe.
 */
@ProviderType
public interface EventFeed {
    /** So many events wait for one reader. */
    int MOST = 1000;

    /**
     * Follow the events from now on.
     *
     * @throws org.llmgine.api.LlmgineException {@code invalid_request} with the field {@code topic}
     */
    EventReader follow(EventSelection selection);
}
