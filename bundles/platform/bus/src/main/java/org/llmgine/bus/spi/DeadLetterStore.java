package org.llmgine.bus.spi;

import java.util.List;
import java.util.Optional;
import org.llmgine.bus.DeadLetter;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keep dead letters, oldest first. Thread-safe; every method may block, is durable on return, and fails with
 * {@link org.llmgine.api.LlmgineException} only.
 */
@ConsumerType
public interface DeadLetterStore {
    /** Add a letter or replace the one of the same id. */
    void put(DeadLetter letter);

    /** Find a letter. */
    Optional<DeadLetter> find(String id);

    /**
     * Return letters, oldest first.
     *
     * @param type the message's type; empty for all
     * @param after the id of the letter after which to go on; empty, or one that is not there, to begin with the first
     * @param limit how many at most
     */
    List<DeadLetter> list(String type, String after, int limit);

    /** Count all letters. */
    int count();

    /**
     * Remove a letter.
     *
     * @return whether it was there
     */
    boolean remove(String id);

    /**
     * Remove all letters of a type; empty for all.
     *
     * @return how many there were
     */
    int removeAll(String type);
}
