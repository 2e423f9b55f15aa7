package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a chat completion request that are honoured, for the API's description; {@link ChatField} says the rest. */
@Schema(
        name = "ChatCompletionRequest",
        requiredProperties = "messages",
        additionalProperties = Schema.AdditionalPropertiesValue.TRUE)
record ChatCompletionBody(
        @Schema(defaultValue = "default", example = "offline/demo")
        String model,

        List<Map<String, Object>> messages,
        boolean stream,
        @Nullable @JsonProperty("stream_options") Map<String, Object> streamOptions,
        List<Map<String, Object>> tools,

        @Nullable @JsonProperty("tool_choice") @Schema(types = {"string", "object"})
        Object toolChoice,

        @JsonProperty("parallel_tool_calls") boolean parallelToolCalls,
        @Nullable @JsonProperty("response_format") Map<String, Object> responseFormat,
        @JsonProperty("max_tokens") int maxTokens,
        @JsonProperty("max_completion_tokens") int maxCompletionTokens,
        @Schema(minimum = "0", maximum = "2") double temperature,

        @JsonProperty("top_p") @Schema(minimum = "0", maximum = "1")
        double topP,

        @JsonProperty("frequency_penalty") @Schema(minimum = "-2", maximum = "2")
        double frequencyPenalty,

        @JsonProperty("presence_penalty") @Schema(minimum = "-2", maximum = "2")
        double presencePenalty,

        long seed,
        @Nullable @Schema(types = {"string", "array"}) Object stop,
        @JsonProperty("reasoning_effort") String reasoningEffort,
        @Schema(maximum = "1") int n) {}
