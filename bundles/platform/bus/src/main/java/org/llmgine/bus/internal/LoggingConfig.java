package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.event.Level;

@ObjectClassDefinition(
        name = "LLMgine bus logging",
        description = "Logs when commands, events and listeners begin and end; a file for each set of types.")
@interface LoggingConfig {
    String PID = "org.llmgine.bus.logging";

    @AttributeDefinition(
            name = "Topics",
            description = "The types of messages, such as shop/order/*; none for all but what the bus itself tells.")
    String[] topics() default {};

    @AttributeDefinition(
            name = "Level",
            description = "The level of the lines; the logger is org.llmgine.bus.internal.LoggingInterceptor.")
    Level level() default Level.INFO;
}
