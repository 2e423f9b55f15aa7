package org.llmgine.provider.offline.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Provider offline",
        description = "The built-in deterministic model, so that everything can be tried with no key.")
@interface OfflineSettings {
    @AttributeDefinition(
            name = "Delay (ms)",
            description =
                    "How many milliseconds pass between two words, so that people see the answer stream; the first"
                            + " comes at once.",
            min = "0",
            max = "60000")
    int delayMs() default 20;
}
