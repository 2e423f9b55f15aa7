package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus rate filter",
        description = "Lets no more events pass than a rate allows, and nobody wait; a file for each filter.")
@interface RateFilterConfig {
    String PID = "org.llmgine.bus.filter.rate";

    @AttributeDefinition(
            name = "Permits per second",
            description = "How many events a second pass in the long run; 0.1 for one in ten seconds.",
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
            name = "Per session",
            description = "Whether each session has a rate of its own; what belongs to no session shares one.")
    boolean perSession() default true;

    @AttributeDefinition(name = "Per type", description = "Whether each type has a rate of its own.")
    boolean perType() default false;

    @AttributeDefinition(
            name = "Part",
            description = "The name by which composite filters ask this one, which then isn't asked by itself.",
            required = false)
    String part();
}
