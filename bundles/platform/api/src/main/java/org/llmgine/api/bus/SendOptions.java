package org.llmgine.api.bus;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.api.Principal;

/**
 * Say how to send one message. What is not said is inherited from the message in whose handler this is.
 *
 * @param session the session's id
 * @param principal who asks
 * @param timeout how long a command may take, or a publisher waits
 * @param metadata what to add
 * @param idempotencyKey what tells the message from another one; empty for its id
 */
public record SendOptions(
        Optional<String> session,
        Optional<Principal> principal,
        Optional<Duration> timeout,
        Map<String, String> metadata,
        Optional<String> idempotencyKey) {
    /** Inherit everything. */
    public static final SendOptions DEFAULT =
            new SendOptions(Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), Optional.empty());

    /** Check and copy. */
    public SendOptions {
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(idempotencyKey, "idempotencyKey");
        if (timeout.isPresent() && (timeout.get().isNegative() || timeout.get().isZero())) {
            throw new IllegalArgumentException("The timeout must be longer than 0.");
        }
        metadata = Map.copyOf(metadata);
    }

    /** Send in a session. */
    public static SendOptions inSession(String session) {
        return DEFAULT.withSession(session);
    }

    /** Send in another session. */
    public SendOptions withSession(String id) {
        return new SendOptions(Optional.of(id), principal, timeout, metadata, idempotencyKey);
    }

    /** Send for somebody. */
    public SendOptions withPrincipal(Principal who) {
        return new SendOptions(session, Optional.of(who), timeout, metadata, idempotencyKey);
    }

    /** Send with a deadline. */
    public SendOptions withTimeout(Duration time) {
        return new SendOptions(session, principal, Optional.of(time), metadata, idempotencyKey);
    }

    /** Add a value to the metadata. */
    public SendOptions with(String key, String value) {
        Map<String, String> more = new HashMap<>(metadata);
        more.put(key, value);
        return new SendOptions(session, principal, timeout, more, idempotencyKey);
    }

    /** Send with a key by which a handler tells that it has done this already. */
    public SendOptions withIdempotencyKey(String key) {
        return new SendOptions(session, principal, timeout, metadata, Optional.of(key));
    }
}
