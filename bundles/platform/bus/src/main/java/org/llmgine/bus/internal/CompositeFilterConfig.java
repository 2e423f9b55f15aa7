package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus composite filter",
        description =
                "Asks other filters, its parts, and lets pass what all of them or any of them let pass; a file for each"
                        + " filter.")
@interface CompositeFilterConfig {
    String PID = "org.llmgine.bus.filter.composite";

    /** How many parts must agree. */
    enum Mode {
        /** Every one. */
        ALL,
        /** At least one. */
        ANY
    }

    @AttributeDefinition(
            name = "Filters",
            description = "The parts' names, which their setting 'part' says, in the order in which they are asked.")
    String[] filters();

    @AttributeDefinition(
            name = "Mode",
            description =
                    "Whether ALL of them must let an event pass or ANY of them; once that is decided no further one is"
                            + " asked.")
    Mode mode() default Mode.ALL;
}
