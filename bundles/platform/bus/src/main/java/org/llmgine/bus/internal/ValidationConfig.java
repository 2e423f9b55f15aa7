package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus validation",
        description = "Refuses commands and events that lack something; a file for each set of types.")
@interface ValidationConfig {
    String PID = "org.llmgine.bus.validation";

    @AttributeDefinition(
            name = "Topics",
            description = "The types of messages, such as shop/order/*; none for all but what the bus itself tells.")
    String[] topics() default {};

    @AttributeDefinition(name = "Session needed", description = "Whether a message must be sent in a session.")
    boolean requireSession() default false;

    @AttributeDefinition(
            name = "Principal needed",
            description = "Whether it must be known who asks: the principal is not anonymous.")
    boolean requirePrincipal() default false;

    @AttributeDefinition(
            name = "Check for null",
            description = "Whether a record's components mustn't be null, those that are annotated as @Nullable aside.")
    boolean checkComponents() default true;
}
