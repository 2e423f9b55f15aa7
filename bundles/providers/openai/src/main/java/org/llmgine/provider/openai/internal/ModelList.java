package org.llmgine.provider.openai.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.llmgine.api.model.ModelInfo;

/** Reads a back-end's list of models. What it doesn't tell of a model is taken for possible. */
final class ModelList {
    private ModelList() {}

    /** List models of which only the names are known. */
    static List<ModelInfo> ofNames(String... names) {
        return Stream.of(names)
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .distinct()
                .map(name -> new ModelInfo(name, ModelInfo.ALL))
                .toList();
    }

    /** Read the answer to {@code GET /models}. */
    static List<ModelInfo> read(JsonFactory json, byte[] body) throws IOException {
        Object answer;
        try (JsonParser parser = json.createParser(body)) {
            parser.nextToken();
            answer = JsonValues.read(parser);
        }
        Object list = answer instanceof List<?> ? answer : JsonValues.field(answer, "data");
        if (!(list instanceof List<?>)) {
            list = JsonValues.field(answer, "models");
        }
        if (!(list instanceof List<?> models)) {
            throw new IOException("It is no list of models.");
        }
        Map<String, ModelInfo> found = new LinkedHashMap<>();
        for (Object model : models) {
            String id = JsonValues.text(model, "id");
            String name = id.isEmpty() ? JsonValues.text(model, "name") : id;
            if (!name.isEmpty()) {
                found.putIfAbsent(name, new ModelInfo(name, capabilities(model), contextTokens(model)));
            }
        }
        return List.copyOf(found.values());
    }

    private static Set<String> capabilities(Object model) {
        Set<String> capabilities = new HashSet<>(ModelInfo.ALL);
        if (JsonValues.field(model, "supported_parameters") instanceof List<?> parameters) {
            keepIf(parameters.contains("tools"), ModelInfo.TOOLS, capabilities);
            keepIf(
                    parameters.contains("structured_outputs") || parameters.contains("response_format"),
                    ModelInfo.STRUCTURED_OUTPUT,
                    capabilities);
        }
        if (JsonValues.field(JsonValues.field(model, "architecture"), "input_modalities") instanceof List<?> inputs) {
            keepIf(inputs.contains("image"), ModelInfo.IMAGES, capabilities);
            keepIf(inputs.contains("file"), ModelInfo.FILES, capabilities);
        }
        return capabilities;
    }

    private static void keepIf(boolean there, String capability, Set<String> capabilities) {
        if (!there) {
            capabilities.remove(capability);
        }
    }

    private static OptionalInt contextTokens(Object model) {
        return Stream.of("context_length", "max_model_len", "context_window", "max_context_length")
                .mapToLong(name -> JsonValues.count(model, name))
                .filter(count -> count > 0 && count <= Integer.MAX_VALUE)
                .mapToInt(count -> (int) count)
                .findFirst();
    }
}
