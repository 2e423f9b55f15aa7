package org.llmgine.bus;

import java.time.Instant;
import java.util.Objects;

/**
 * Hold a message that was given up.
 *
 * @param id the letter's id
 * @param message the message
 * @param listener the name of the listener that failed with an event; empty for a command, and for an event that reached none
 * @param attempts how often it was tried, retries of the letter included
 * @param errorCode the last failure's code
 * @param error the last failure's sentence
 * @param first when it was first given up
 * @param last when it was last tried
 */
public record DeadLetter(
        String id,
        StoredMessage message,
        String listener,
        int attempts,
        String errorCode,
        String error,
        Instant first,
        Instant last) {
    /** Check that all is there. */
    public DeadLetter {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(errorCode, "errorCode");
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(last, "last");
    }

    /** Return the letter after one more try that failed. */
    public DeadLetter triedAgain(String code, String sentence, Instant now) {
        return new DeadLetter(id, message, listener, attempts + 1, code, sentence, first, now);
    }
}
