package org.llmgine.api.bus;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.LlmgineException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Send messages later, and again. A service. Timers are stored: they outlive the bundle that made them, and restarts and crashes
 * as far as the store does.
 *
 * <p>Each time is run at least once, with the same {@link MessageContext#idempotencyKey()} however often it is tried; of several
 * hosts with one store one runs it. A time that has passed is run at once. Of several times that passed while no host ran, a
 * timer makes up for one.
 *
 * <p>A command that fails is tried again three times, after 10 s, 40 s and 160 s, and then becomes a dead letter; a type whose
 * policy keeps dead letters is left to that policy. It may take an hour, unless its options say otherwise. An event is done when
 * all its listeners have returned; those of one session are published in the order of their times.
 *
 * <p>While the message's bundle is not there, or nobody handles the command, the timer is {@link TimerEntry.State#PARKED}: it is
 * tried again when a bundle has started, and every 30 s.
 *
 * <p>Resolution is about 100 ms; instants count in whole milliseconds. A timer that another host made is seen within 5 s.
 */
@ProviderType
public interface Timers {
    /** The most timers that one call lists. */
    int MOST = 1000;

    /**
     * Send a command at the schedule's times; see {@link #schedule(String, Schedule, Event, SendOptions)}.
     *
     * @param command a record of data
     * @param options what belongs to each of the commands; session and principal are inherited now
     */
    TimerEntry schedule(String name, Schedule schedule, Command<?> command, SendOptions options);

    /**
     * Publish an event at the schedule's times.
     *
     * <p>A name is there once. If there is a timer of that name and of the same schedule, it takes over the message, and its next
     * time stays: so a plugin may schedule what it needs whenever it starts. One of another schedule is replaced.
     *
     * @param name up to 200 letters, digits and {@code . _ / -}, unique in the host; it doesn't begin with {@code timer_}; empty
     *     for none
     * @param event a record of data
     * @param options what belongs to each of the events, the timeout aside; session and principal are inherited now
     * @return the timer, once it is stored
     * @throws LlmgineException {@code invalid_request} with the field at fault ({@code name}, {@code schedule}, {@code command},
     *     {@code event}); what the store fails with, and then nothing is scheduled; {@code unavailable} when the bus has stopped
     */
    TimerEntry schedule(String name, Schedule schedule, Event event, SendOptions options);

    /**
     * Return timers in the order of their ids.
     *
     * @param after the timer's id after which to go on; empty to begin with the first
     * @param limit how many at most, to {@link #MOST}
     * @throws LlmgineException {@code invalid_request} with the field {@code limit}
     */
    List<TimerEntry> list(String after, int limit);

    /** Find a timer by its id or its name. */
    Optional<TimerEntry> find(String idOrName);

    /**
     * End a timer, found by its id or its name. A run that is under way goes on to its end.
     *
     * @return whether it was there
     */
    boolean cancel(String idOrName);
}
