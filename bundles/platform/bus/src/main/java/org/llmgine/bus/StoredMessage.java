package org.llmgine.bus;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.api.Principal;

/**
 * Hold a command or an event in a form that outlives its class.
 *
 * @param kind {@link #COMMAND} or {@link #EVENT}
 * @param type the type's name, see {@link org.llmgine.api.bus.MessageType}
 * @param version the version of the type
 * @param bundle the symbolic name of the bundle that holds the class; empty when it is in none
 * @param className the name of the class
 * @param payload the record's components as a JSON object
 * @param session the session's id
 * @param principal who asks
 * @param metadata what the sender added
 * @param idempotencyKey the key by which a handler tells that it has done this already
 * @param cause the id of the message in whose handler it was sent
 */
public record StoredMessage(
        String kind,
        String type,
        int version,
        String bundle,
        String className,
        String payload,
        String session,
        Principal principal,
        Map<String, String> metadata,
        String idempotencyKey,
        Optional<String> cause) {
    /** The kind of commands. */
    public static final String COMMAND = "command";

    /** The kind of events. */
    public static final String EVENT = "event";

    /** Check and copy. */
    public StoredMessage {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(bundle, "bundle");
        Objects.requireNonNull(className, "className");
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(idempotencyKey, "idempotencyKey");
        Objects.requireNonNull(cause, "cause");
        metadata = Map.copyOf(metadata);
    }
}
