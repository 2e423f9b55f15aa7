package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus type filter",
        description = "Lets events pass by their type and its supertypes; a file for each filter.")
@interface TypeFilterConfig {
    String PID = "org.llmgine.bus.filter.type";

    @AttributeDefinition(name = "Include", description = "The types that pass, such as shop/order/*; none for all.")
    String[] include() default {};

    @AttributeDefinition(name = "Exclude", description = "The types that don't pass, included or not.")
    String[] exclude() default {};

    @AttributeDefinition(
            name = "Part",
            description = "The name by which composite filters ask this one, which then isn't asked by itself.",
            required = false)
    String part();
}
