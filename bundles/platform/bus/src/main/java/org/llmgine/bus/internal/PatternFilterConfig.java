package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus pattern filter",
        description = "Lets events pass by a pattern that is found in their type's name; a file for each filter.")
@interface PatternFilterConfig {
    String PID = "org.llmgine.bus.filter.pattern";

    /** What a pattern is looked for in. */
    enum Subject {
        /** The type's name. */
        TYPE,
        /** The class's name without its package. */
        CLASS
    }

    @AttributeDefinition(
            name = "Include",
            description = "The regular expressions of which one must be found; none for all.")
    String[] include() default {};

    @AttributeDefinition(
            name = "Exclude",
            description = "The regular expressions of which none may be found, whatever is included.")
    String[] exclude() default {};

    @AttributeDefinition(
            name = "Subject",
            description =
                    "What they are looked for in: the TYPE's name, such as shop/order/placed, or the CLASS's name without its"
                            + " package.")
    Subject subject() default Subject.TYPE;

    @AttributeDefinition(name = "Case-sensitive", description = "Whether the case of letters counts.")
    boolean caseSensitive() default false;

    @AttributeDefinition(
            name = "Part",
            description = "The name by which composite filters ask this one, which then isn't asked by itself.",
            required = false)
    String part();
}
