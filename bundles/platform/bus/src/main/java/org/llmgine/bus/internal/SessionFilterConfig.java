package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus session filter",
        description = "Lets events pass by their session; a file for each filter.")
@interface SessionFilterConfig {
    String PID = "org.llmgine.bus.filter.session";

    @AttributeDefinition(
            name = "Include",
            description = "The ids of the sessions whose events pass; none for all, also for those without a session.")
    String[] include() default {};

    @AttributeDefinition(
            name = "Exclude",
            description = "The ids of the sessions whose events don't pass, included or not.")
    String[] exclude() default {};

    @AttributeDefinition(
            name = "Part",
            description = "The name by which composite filters ask this one, which then isn't asked by itself.",
            required = false)
    String part();
}
