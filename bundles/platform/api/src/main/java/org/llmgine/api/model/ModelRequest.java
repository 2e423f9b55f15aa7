package org.llmgine.api.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.llmgine.api.message.Message;
import org.llmgine.api.tool.ToolSpec;

/**
 * Ask a model. An option that is empty is the back-end's to decide.
 *
 * @param model in a provider the model's own name, elsewhere {@code instance/model}, {@code default} or an alias
 * @param messages what the model is shown, oldest first; not empty
 * @param tools the tools that the model may call
 * @param toolChoice whether and which tools it may call; {@link ToolChoice#AUTO} when nothing was asked
 * @param parallelToolCalls whether one answer may call several tools
 * @param responseFormat the demanded form of the answer
 * @param maxTokens how many tokens the answer may have, reasoning included
 * @param temperature the sampling temperature, 0 to 2
 * @param topP the nucleus sampling share, above 0 to 1
 * @param frequencyPenalty −2 to 2
 * @param presencePenalty −2 to 2
 * @param seed the seed for back-ends that sample repeatably
 * @param stop the texts before which the answer ends; not contained in the answer
 * @param reasoningEffort how much to reason, in the back-end's words, for example {@code low}
 * @param streamed whether somebody takes the answer piece by piece; where nobody does, a provider may ask for it whole
 * @param extensions further fields that only some back-ends know, as JSON values (String, Number, Boolean, List, Map)
 */
public record ModelRequest(
        String model,
        List<Message> messages,
        List<ToolSpec> tools,
        ToolChoice toolChoice,
        Optional<Boolean> parallelToolCalls,
        Optional<ResponseFormat> responseFormat,
        OptionalInt maxTokens,
        OptionalDouble temperature,
        OptionalDouble topP,
        OptionalDouble frequencyPenalty,
        OptionalDouble presencePenalty,
        OptionalLong seed,
        List<String> stop,
        Optional<String> reasoningEffort,
        boolean streamed,
        Map<String, Object> extensions) {
    /** Copy the collections. */
    public ModelRequest {
        Objects.requireNonNull(model, "model");
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        stop = List.copyOf(stop);
        // Names come from callers: Map.copyOf probes linearly, so colliding ones would take quadratic time.
        extensions = Collections.unmodifiableMap(new LinkedHashMap<>(extensions));
    }

    /** Begin a request. */
    public static Builder builder(String model) {
        return new Builder(model);
    }

    /** Begin a request that differs from this one. */
    public Builder toBuilder() {
        Builder builder = new Builder(model);
        builder.messages = messages;
        builder.tools = tools;
        builder.toolChoice = toolChoice;
        builder.parallelToolCalls = parallelToolCalls;
        builder.responseFormat = responseFormat;
        builder.maxTokens = maxTokens;
        builder.temperature = temperature;
        builder.topP = topP;
        builder.frequencyPenalty = frequencyPenalty;
        builder.presencePenalty = presencePenalty;
        builder.seed = seed;
        builder.stop = stop;
        builder.reasoningEffort = reasoningEffort;
        builder.streamed = streamed;
        builder.extensions = extensions;
        return builder;
    }

    /** Collects a request's parts. */
    public static final class Builder {
        private String model;
        private List<Message> messages = List.of();
        private List<ToolSpec> tools = List.of();
        private ToolChoice toolChoice = ToolChoice.AUTO;
        private Optional<Boolean> parallelToolCalls = Optional.empty();
        private Optional<ResponseFormat> responseFormat = Optional.empty();
        private OptionalInt maxTokens = OptionalInt.empty();
        private OptionalDouble temperature = OptionalDouble.empty();
        private OptionalDouble topP = OptionalDouble.empty();
        private OptionalDouble frequencyPenalty = OptionalDouble.empty();
        private OptionalDouble presencePenalty = OptionalDouble.empty();
        private OptionalLong seed = OptionalLong.empty();
        private List<String> stop = List.of();
        private Optional<String> reasoningEffort = Optional.empty();
        private boolean streamed = true;
        private Map<String, Object> extensions = Map.of();

        private Builder(String model) {
            this.model = model;
        }

        /** Set the model's name. */
        public Builder model(String model) {
            this.model = model;
            return this;
        }

        /** Set what the model is shown. */
        public Builder messages(List<Message> messages) {
            this.messages = messages;
            return this;
        }

        /** Set the tools. */
        public Builder tools(List<ToolSpec> tools) {
            this.tools = tools;
            return this;
        }

        /** Set whether and which tools may be called. */
        public Builder toolChoice(ToolChoice toolChoice) {
            this.toolChoice = toolChoice;
            return this;
        }

        /** Set whether one answer may call several tools. */
        public Builder parallelToolCalls(boolean parallelToolCalls) {
            this.parallelToolCalls = Optional.of(parallelToolCalls);
            return this;
        }

        /** Set the demanded form of the answer. */
        public Builder responseFormat(ResponseFormat responseFormat) {
            this.responseFormat = Optional.of(responseFormat);
            return this;
        }

        /** Set how many tokens the answer may have. */
        public Builder maxTokens(int maxTokens) {
            this.maxTokens = OptionalInt.of(maxTokens);
            return this;
        }

        /** Set the sampling temperature. */
        public Builder temperature(double temperature) {
            this.temperature = OptionalDouble.of(temperature);
            return this;
        }

        /** Set the nucleus sampling share. */
        public Builder topP(double topP) {
            this.topP = OptionalDouble.of(topP);
            return this;
        }

        /** Set the frequency penalty. */
        public Builder frequencyPenalty(double frequencyPenalty) {
            this.frequencyPenalty = OptionalDouble.of(frequencyPenalty);
            return this;
        }

        /** Set the presence penalty. */
        public Builder presencePenalty(double presencePenalty) {
            this.presencePenalty = OptionalDouble.of(presencePenalty);
            return this;
        }

        /** Set the seed. */
        public Builder seed(long seed) {
            this.seed = OptionalLong.of(seed);
            return this;
        }

        /** Set the texts before which the answer ends. */
        public Builder stop(List<String> stop) {
            this.stop = stop;
            return this;
        }

        /** Set how much to reason. */
        public Builder reasoningEffort(String reasoningEffort) {
            this.reasoningEffort = Optional.of(reasoningEffort);
            return this;
        }

        /** Set whether somebody takes the answer piece by piece. */
        public Builder streamed(boolean streamed) {
            this.streamed = streamed;
            return this;
        }

        /** Set further fields for the back-end. */
        public Builder extensions(Map<String, Object> extensions) {
            this.extensions = extensions;
            return this;
        }

        /** Make the request. */
        public ModelRequest build() {
            return new ModelRequest(
                    model,
                    messages,
                    tools,
                    toolChoice,
                    parallelToolCalls,
                    responseFormat,
                    maxTokens,
                    temperature,
                    topP,
                    frequencyPenalty,
                    presencePenalty,
                    seed,
                    stop,
                    reasoningEffort,
                    streamed,
                    extensions);
        }
    }
}
