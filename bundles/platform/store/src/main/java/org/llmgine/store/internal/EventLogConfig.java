package org.llmgine.store.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The settings of {@value EventRecorder#PID}. */
@ObjectClassDefinition(name = "LLMgine event log", description = "Keeps the bus' events in the database, by choice.")
@interface EventLogConfig {
    @AttributeDefinition(
            name = "Event log",
            description = "Whether events are kept. The variable LLMGINE_PERSIST_EVENTS, 1 or 0, comes before it.")
    boolean eventLog() default false;

    @AttributeDefinition(
            name = "Topics",
            description = "The topics of the events that are kept, such as shop/order/*; none for all.",
            required = false)
    String[] eventLogTopics() default {};

    @AttributeDefinition(
            name = "Retention (days)",
            description = "How long an event is kept.",
            min = "1",
            max = "36500")
    int eventLogRetentionDays() default 30;

    @AttributeDefinition(
            name = "Buffer",
            description = "How many events wait to be written at most; what comes then is not kept, and counted.",
            min = "1",
            max = "1000000")
    int eventLogBuffer() default 10_000;
}
