package org.llmgine.bus.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keep timers for one or several hosts. Thread-safe; every method may block, takes effect as a whole or not at all, is durable on
 * return, and fails with {@link org.llmgine.api.LlmgineException} only. All instants are whole milliseconds, from 1970 to 9999.
 *
 * <p>A host claims a timer before it runs it, under a name that no other host and no other run of the host has. A claim ends when
 * it is completed or released, and counts no more once its time is over: then anyone may claim the timer, and until someone does
 * the holder may still renew or complete it.
 */
@ConsumerType
public interface TimerStore {
    /**
     * Add a timer.
     *
     * <p>If it has a name, and there is a timer of that name with the same schedule, that one takes over origin, message and
     * timeout, and all else of it stays: id, progress, claim. One of another schedule is removed, whoever claims it. Of two calls
     * at the same time one comes first; a name is never there twice.
     *
     * @return what is stored now
     */
    StoredTimer put(StoredTimer timer);

    /** Find a timer by its id, or by its name. The empty name finds nothing. */
    Optional<StoredTimer> find(String idOrName);

    /**
     * Return timers in the order of their ids.
     *
     * @param after the id after which to go on, whether or not it is there; empty to begin with the first
     * @param limit how many at most
     */
    List<StoredTimer> list(String after, int limit);

    /**
     * Remove a timer, whoever claims it.
     *
     * @return whether it was there
     */
    boolean remove(String id);

    /**
     * Claim timers that are due and that nobody claims, or whose claim's time is over; those that are due longest first. Each of
     * them is claimed by exactly one caller: compare and set, timer by timer. When the method fails in the middle, what is claimed
     * already may stay so: it lapses.
     *
     * @param holder who claims them
     * @param now the time by the caller's clock: a timer is due at or before it, and a claim is over that ends at or before it
     * @param until when the claims end
     * @param limit how many at most
     * @return the timers with the new claims
     */
    List<StoredTimer> claim(String holder, Instant now, Instant until, int limit);

    /**
     * Prolong claims.
     *
     * @return the ids of those that the holder still has; for the others nothing changes
     */
    Set<String> renew(String holder, Collection<String> ids, Instant until);

    /**
     * Set how far a timer is, and end its claim, if the holder has it: compare and set. Nothing else of the timer changes.
     *
     * @param next how far it is; empty to remove the timer
     * @return whether the holder had it
     */
    boolean complete(String id, String holder, Optional<StoredTimer.Progress> next);

    /** End all claims of a holder, and let the timers be as they are. */
    void release(String holder);

    /** Make all timers due that are parked and that nobody claims, unless they are due earlier. Why they are parked stays. */
    void unpark(Instant due);

    /** Return the earliest time at which there is something to claim: when a timer that nobody claims is due, or a claim ends. */
    Optional<Instant> nextDue();
}
