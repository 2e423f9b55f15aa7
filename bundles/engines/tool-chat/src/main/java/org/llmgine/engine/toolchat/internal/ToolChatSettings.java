package org.llmgine.engine.toolchat.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Engine tool-chat",
        description = "Calls the model and its tools until the model stops asking for them.")
@interface ToolChatSettings {
    @AttributeDefinition(
            name = "Rounds of tool calls",
            description =
                    "How many rounds of tool calls one turn may have. After the last one the model is called once more"
                            + " without tools, so that it answers with what it has.",
            min = "1")
    int maxRounds() default 10;

    @AttributeDefinition(
            name = "Output tokens",
            description =
                    "How many tokens all model calls of a turn may write together; 0 for no limit. Each call is given"
                            + " what is left, and a turn that has none left ends with limit_reached.",
            min = "0")
    long maxOutputTokens() default 0;

    @AttributeDefinition(
            name = "Time (ms)",
            description =
                    "After how many milliseconds a turn calls the model no more and ends with limit_reached; 0 for no"
                            + " limit. The time that a suspended turn waits doesn't count.",
            min = "0")
    long maxDurationMs() default 600_000;
}
