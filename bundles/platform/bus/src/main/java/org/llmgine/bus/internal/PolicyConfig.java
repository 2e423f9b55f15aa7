package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus policy",
        description = "What is done about failures of some types of commands and events; a file for each policy.")
@interface PolicyConfig {
    String PID = "org.llmgine.bus.policy";

    @AttributeDefinition(
            name = "Types",
            description =
                    "The types of messages, such as shop/order/place; * stands for any segment, as the last one for one or"
                            + " more. Of several policies for a type the one with the highest service.ranking counts.")
    String[] types();

    @AttributeDefinition(
            name = "Retries",
            description =
                    "How often a command is tried again. Nothing that calls a model: that is retried where it is called.",
            min = "0",
            max = "100")
    int retries() default 3;

    @AttributeDefinition(
            name = "Retry delay (ms)",
            description = "The pause before the first retry; it doubles for each further one.",
            min = "0",
            max = "3600000")
    long retryDelayMs() default 100;

    @AttributeDefinition(
            name = "Longest retry delay (ms)",
            description = "The longest pause.",
            min = "0",
            max = "3600000")
    long retryMaxDelayMs() default 10_000;

    @AttributeDefinition(name = "Jitter", description = "Whether pauses vary by half.")
    boolean jitter() default true;

    @AttributeDefinition(
            name = "Breaker failures",
            description = "After how many failures within the window a command is left alone for a while; 0 for never.",
            min = "0")
    int breakerFailures() default 5;

    @AttributeDefinition(
            name = "Breaker window (ms)",
            description = "The time in which failures count.",
            min = "1",
            max = "86400000")
    long breakerWindowMs() default 60_000;

    @AttributeDefinition(
            name = "Breaker delay (ms)",
            description = "How long a command is left alone before the next try.",
            min = "1",
            max = "86400000")
    long breakerDelayMs() default 60_000;

    @AttributeDefinition(
            name = "Breaker successes",
            description = "How many tries must succeed before it is trusted again.",
            min = "1",
            max = "1000")
    int breakerSuccesses() default 3;

    @AttributeDefinition(
            name = "Dead letters",
            description = "Whether messages that are given up are kept, to be looked at and tried again.")
    boolean deadLetter() default true;
}
