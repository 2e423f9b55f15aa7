package org.llmgine.bus;

import java.util.List;
import org.llmgine.api.LlmgineException;
import org.osgi.annotation.versioning.ProviderType;

/** Look at the messages that were given up, and try them again. Thread-safe. */
@ProviderType
public interface DeadLetters {
    /** The most letters that one call lists. */
    int MOST = 1000;

    /**
     * Return letters, oldest first.
     *
     * @param type the message's type; empty for all
     * @param after the letter's id after which to go on; empty to begin with the first
     * @param limit how many at most, to {@link #MOST}
     */
    List<DeadLetter> list(String type, String after, int limit);

    /** Count all letters. */
    int count();

    /**
     * Find a letter.
     *
     * @throws LlmgineException {@code not_found}
     */
    DeadLetter get(String id);

    /**
     * Send a letter's message again, an event to the listener that failed. It is removed when that succeeds.
     *
     * @return how that went
     * @throws LlmgineException {@code not_found}
     */
    Retried retry(String id);

    /**
     * Send all letters' messages again, oldest first.
     *
     * @param type the message's type; empty for all
     */
    List<Retried> retryAll(String type);

    /**
     * Throw a letter away.
     *
     * @throws LlmgineException {@code not_found}
     */
    void purge(String id);

    /**
     * Throw all letters away.
     *
     * @param type the message's type; empty for all
     * @return how many there were
     */
    int purgeAll(String type);

    /**
     * Tell how a retry went.
     *
     * @param id the letter's id
     * @param succeeded whether the message was handled, and the letter is gone
     * @param error the failure's sentence; empty when it succeeded
     */
    record Retried(String id, boolean succeeded, String error) {}
}
