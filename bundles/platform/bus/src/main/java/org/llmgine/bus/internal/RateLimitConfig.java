package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus rate limit",
        description = "Limits the rate of commands and events, and lets senders wait; a file for each limit.")
@interface RateLimitConfig {
    String PID = "org.llmgine.bus.ratelimit";

    /** What has a limit of its own. */
    enum Key {
        /** Each type of message. */
        TYPE,
        /** Each session. */
        SESSION,
        /** Each principal. */
        PRINCIPAL
    }

    @AttributeDefinition(
            name = "Topics",
            description = "The types of messages, such as shop/order/*; none for all but what the bus itself tells.")
    String[] topics() default {};

    @AttributeDefinition(
            name = "Key",
            description =
                    "What has a limit of its own: each TYPE, each SESSION or each PRINCIPAL. What belongs to no session"
                            + " shares one limit, and so do the anonymous.")
    Key key() default Key.TYPE;

    @AttributeDefinition(
            name = "Permits per second",
            description = "How many messages a second pass in the long run; 0.1 for one in ten seconds.",
            min = "0.0001",
            max = "1000000")
    double permitsPerSecond();

    @AttributeDefinition(
            name = "Burst",
            description = "How many pass at once after a pause; 0 for as many as a second allows, at least 1.",
            min = "0",
            max = "100000")
    int burst() default 0;

    @AttributeDefinition(
            name = "Longest wait (ms)",
            description =
                    "How long a sender waits for its turn; one that would wait longer fails at once with rate_limited.",
            min = "0",
            max = "600000")
    long maxWaitMs() default 0;
}
