package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus timing",
        description = "Times commands, events and listeners of each type; a file for each set of types.")
@interface TimingConfig {
    String PID = "org.llmgine.bus.timing";

    @AttributeDefinition(
            name = "Topics",
            description =
                    "The types of messages, such as shop/order/*; none for all but what the bus itself tells. Those"
                            + " of several files mustn't overlap: they would count twice.")
    String[] topics() default {};
}
