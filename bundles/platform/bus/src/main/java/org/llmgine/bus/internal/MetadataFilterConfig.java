package org.llmgine.bus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "LLMgine bus metadata filter",
        description = "Lets events pass whose sender added some metadata; a file for each filter.")
@interface MetadataFilterConfig {
    String PID = "org.llmgine.bus.filter.metadata";

    @AttributeDefinition(name = "Required", description = "What must all be there: each a key, or key=value.")
    String[] required();

    @AttributeDefinition(
            name = "Part",
            description = "The name by which composite filters ask this one, which then isn't asked by itself.",
            required = false)
    String part();
}
