package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "LLMgine bus", description = "Queues, overload and time limits of the message bus.")
@interface BusConfig {
    String PID = "org.llmgine.bus";

    @AttributeDefinition(
            name = "Queue capacity",
            description = "How many events of one session wait at most.",
            min = "1",
            max = "10000000")
    int queueCapacity() default 10_000;

    @AttributeDefinition(
            name = "Overflow",
            description =
                    "What happens to an event whose session's queue is full: BLOCK lets the publisher wait, DROP_OLDEST drops"
                            + " the oldest event, REJECT_NEW rejects the new one, ADAPTIVE delays publishers the more, the"
                            + " fuller the queue is, and rejects when it is full.")
    Overflow overflow() default Overflow.BLOCK;

    @AttributeDefinition(
            name = "High water (%)",
            description = "The fill from which a queue counts as under pressure; ADAPTIVE delays above it.",
            min = "2",
            max = "100")
    int highWaterPercent() default 80;

    @AttributeDefinition(
            name = "Low water (%)",
            description = "The fill at which that is over; below the high water.",
            min = "1",
            max = "99")
    int lowWaterPercent() default 50;

    @AttributeDefinition(
            name = "Longest delay (ms)",
            description = "How long ADAPTIVE delays a publisher at most.",
            min = "0",
            max = "60000")
    long maxDelayMs() default 100;

    @AttributeDefinition(
            name = "Block timeout (ms)",
            description = "How long BLOCK lets a publisher wait for room before the event is rejected.",
            min = "0",
            max = "600000")
    long blockTimeoutMs() default 5_000;

    @AttributeDefinition(
            name = "Listener timeout (ms)",
            description = "How long a listener may take with one event before it is interrupted and left behind.",
            min = "100",
            max = "3600000")
    long listenerTimeoutMs() default 30_000;

    @AttributeDefinition(
            name = "Drain timeout (ms)",
            description = "How long the bus waits for its events when it stops, and for calls into a bundle that goes.",
            min = "0",
            max = "600000")
    long drainTimeoutMs() default 10_000;

    @AttributeDefinition(
            name = "Dead letters",
            description = "How many dead letters are kept; beyond it the oldest go.",
            min = "1",
            max = "10000000")
    int maxDeadLetters() default 10_000;
}
