package org.llmgine.api.bus;

import java.time.Duration;
import java.util.Optional;
import org.llmgine.api.Principal;

/**
 * Say what a session is like.
 *
 * @param id the id; empty for a new one
 * @param owner whose it is; empty for who opens it
 * @param timeToLive how long it lives after its last message; empty for until it is ended
 */
public record SessionOptions(Optional<String> id, Optional<Principal> owner, Optional<Duration> timeToLive) {
    /** A session with a new id that lives until it is ended. */
    public static final SessionOptions DEFAULT =
            new SessionOptions(Optional.empty(), Optional.empty(), Optional.empty());

    /** Open under an id. */
    public static SessionOptions withId(String id) {
        return new SessionOptions(Optional.of(id), Optional.empty(), Optional.empty());
    }

    /** Open for somebody. */
    public SessionOptions withOwner(Principal principal) {
        return new SessionOptions(id, Optional.of(principal), timeToLive);
    }

    /** End a while after the last message. */
    public SessionOptions withTimeToLive(Duration time) {
        return new SessionOptions(id, owner, Optional.of(time));
    }
}
