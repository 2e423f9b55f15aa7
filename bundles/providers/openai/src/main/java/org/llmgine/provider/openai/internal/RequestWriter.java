package org.llmgine.provider.openai.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ResponseFormat;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.tool.ToolSpec;

/**
 * Writes a request's body.
 *
 * @param maxTokensField {@code auto} or the field's name
 * @param official whether the back-end is OpenAI's own
 * @param stream whether the back-end can stream
 * @param usageInStreams whether to ask a stream for its tokens
 */
record RequestWriter(
        JsonFactory factory, String maxTokensField, boolean official, boolean stream, boolean usageInStreams) {
    private static final String AUTO = "auto";
    private static final String MAX_TOKENS = "max_tokens";
    private static final String MAX_COMPLETION_TOKENS = "max_completion_tokens";

    byte[] write(ModelRequest request) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(512)) {
            try (JsonGenerator json = factory.createGenerator(bytes)) {
                Fields fields = new Fields(json);
                json.writeStartObject();
                json.writeStringField(fields.named("model"), request.model());
                messages(fields, request.messages());
                tools(fields, request);
                if (request.responseFormat().isPresent()) {
                    json.writeFieldName(fields.named("response_format"));
                    responseFormat(json, request.responseFormat().get());
                }
                options(fields, request);
                boolean streamed = stream && request.streamed();
                json.writeBooleanField(fields.named("stream"), streamed);
                if (streamed && usageInStreams) {
                    json.writeObjectFieldStart(fields.named("stream_options"));
                    json.writeBooleanField("include_usage", true);
                    json.writeEndObject();
                }
                fields.extend(request.extensions());
                json.writeEndObject();
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Remembers what an object has, so that an extension takes nobody's place. */
    private record Fields(JsonGenerator json, Set<String> names) {
        Fields(JsonGenerator json) {
            this(json, new HashSet<>());
        }

        String named(String name) {
            names.add(name);
            return name;
        }

        void extend(Map<String, Object> extensions) throws IOException {
            for (Map.Entry<String, Object> extension : extensions.entrySet()) {
                if (names.add(extension.getKey())) {
                    json.writeFieldName(extension.getKey());
                    JsonValues.write(json, extension.getValue());
                }
            }
        }
    }

    private void options(Fields fields, ModelRequest request) throws IOException {
        JsonGenerator json = fields.json();
        if (request.maxTokens().isPresent()) {
            json.writeNumberField(
                    fields.named(maxTokensName(request.model())),
                    request.maxTokens().getAsInt());
        }
        if (request.temperature().isPresent()) {
            json.writeNumberField(
                    fields.named("temperature"), request.temperature().getAsDouble());
        }
        if (request.topP().isPresent()) {
            json.writeNumberField(fields.named("top_p"), request.topP().getAsDouble());
        }
        if (request.frequencyPenalty().isPresent()) {
            json.writeNumberField(
                    fields.named("frequency_penalty"),
                    request.frequencyPenalty().getAsDouble());
        }
        if (request.presencePenalty().isPresent()) {
            json.writeNumberField(
                    fields.named("presence_penalty"), request.presencePenalty().getAsDouble());
        }
        if (request.seed().isPresent()) {
            json.writeNumberField(fields.named("seed"), request.seed().getAsLong());
        }
        if (!request.stop().isEmpty()) {
            json.writeFieldName(fields.named("stop"));
            JsonValues.write(json, request.stop());
        }
        if (request.reasoningEffort().isPresent()) {
            json.writeStringField(
                    fields.named("reasoning_effort"), request.reasoningEffort().get());
        }
    }

    private String maxTokensName(String model) {
        if (!maxTokensField.equals(AUTO)) {
            return maxTokensField;
        }
        String name = model.substring(model.lastIndexOf('/') + 1);
        boolean demanded = name.startsWith("gpt-5")
                || (name.length() > 1 && name.charAt(0) == 'o' && Character.isDigit(name.charAt(1)));
        return official || demanded ? MAX_COMPLETION_TOKENS : MAX_TOKENS;
    }

    private static void tools(Fields fields, ModelRequest request) throws IOException {
        if (request.tools().isEmpty()) {
            return;
        }
        JsonGenerator json = fields.json();
        json.writeArrayFieldStart(fields.named("tools"));
        for (ToolSpec tool : request.tools()) {
            json.writeStartObject();
            json.writeStringField("type", "function");
            json.writeObjectFieldStart("function");
            json.writeStringField("name", tool.name());
            if (!tool.description().isEmpty()) {
                json.writeStringField("description", tool.description());
            }
            json.writeFieldName("parameters");
            json.writeRawValue(tool.parameters());
            if (tool.strict()) {
                json.writeBooleanField("strict", true);
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        ToolChoice choice = request.toolChoice();
        if (!choice.equals(ToolChoice.AUTO)) {
            json.writeFieldName(fields.named("tool_choice"));
            toolChoice(json, choice);
        }
        if (request.parallelToolCalls().isPresent()) {
            json.writeBooleanField(
                    fields.named("parallel_tool_calls"),
                    request.parallelToolCalls().get());
        }
    }

    private static void toolChoice(JsonGenerator json, ToolChoice choice) throws IOException {
        if (choice.name().isEmpty()) {
            json.writeString(choice.mode());
            return;
        }
        json.writeStartObject();
        json.writeStringField("type", "function");
        json.writeObjectFieldStart("function");
        json.writeStringField("name", choice.name());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void responseFormat(JsonGenerator json, ResponseFormat format) throws IOException {
        json.writeStartObject();
        if (format.schema().isEmpty()) {
            json.writeStringField("type", "json_object");
        } else {
            json.writeStringField("type", "json_schema");
            json.writeObjectFieldStart("json_schema");
            json.writeStringField("name", format.name().isEmpty() ? "answer" : format.name());
            json.writeFieldName("schema");
            json.writeRawValue(format.schema());
            if (format.strict()) {
                json.writeBooleanField("strict", true);
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void messages(Fields fields, List<Message> messages) throws IOException {
        JsonGenerator json = fields.json();
        int prompt = messages.size() - 1;
        while (prompt >= 0 && !messages.get(prompt).role().equals(Role.USER)) {
            prompt--;
        }
        json.writeArrayFieldStart(fields.named("messages"));
        for (int i = 0; i < messages.size(); i++) {
            message(json, messages.get(i), i, i > prompt);
        }
        json.writeEndArray();
    }

    private static void message(JsonGenerator json, Message message, int index, boolean afterPrompt)
            throws IOException {
        Fields fields = new Fields(json);
        json.writeStartObject();
        json.writeStringField(fields.named("role"), message.role().name());
        json.writeFieldName(fields.named("content"));
        content(json, message, index);
        if (!message.toolCalls().isEmpty()) {
            json.writeArrayFieldStart(fields.named("tool_calls"));
            for (ToolCall call : message.toolCalls()) {
                json.writeStartObject();
                json.writeStringField("id", call.id());
                json.writeStringField("type", "function");
                json.writeObjectFieldStart("function");
                json.writeStringField("name", call.name());
                json.writeStringField("arguments", call.arguments().isBlank() ? "{}" : call.arguments());
                json.writeEndObject();
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        if (message.toolCallId().isPresent()) {
            json.writeStringField(
                    fields.named("tool_call_id"), message.toolCallId().get());
        }
        if (!afterPrompt || message.toolCalls().isEmpty()) {
            // Back-ends want it back only while a round of tool calls is open, and some refuse it at any other time.
            fields.named(Message.REASONING_CONTENT);
        }
        fields.extend(message.extensions());
        json.writeEndObject();
    }

    private static void content(JsonGenerator json, Message message, int index) throws IOException {
        List<ContentPart> content = message.content();
        if (content.isEmpty()) {
            if (message.toolCalls().isEmpty()) {
                json.writeString("");
            } else {
                json.writeNull();
            }
        } else if (content.size() == 1 && content.getFirst() instanceof TextPart text) {
            json.writeString(text.text());
        } else {
            json.writeStartArray();
            for (int i = 0; i < content.size(); i++) {
                part(json, content.get(i), "messages[" + index + "].content[" + i + "]");
            }
            json.writeEndArray();
        }
    }

    private static void part(JsonGenerator json, ContentPart part, String field) throws IOException {
        json.writeStartObject();
        switch (part) {
            case TextPart text -> {
                json.writeStringField("type", "text");
                json.writeStringField("text", text.text());
            }
            case ImagePart image -> {
                json.writeStringField("type", "image_url");
                json.writeObjectFieldStart("image_url");
                json.writeStringField("url", image.url());
                if (!image.detail().equals(AUTO)) {
                    json.writeStringField("detail", image.detail());
                }
                json.writeEndObject();
            }
            case FilePart file -> {
                json.writeStringField("type", "file");
                json.writeObjectFieldStart("file");
                if (file.data().startsWith("data:")) {
                    if (!file.name().isEmpty()) {
                        json.writeStringField("filename", file.name());
                    }
                    json.writeStringField("file_data", file.data());
                } else {
                    json.writeStringField("file_id", file.data());
                }
                json.writeEndObject();
            }
            default ->
                throw new LlmgineException(
                                ErrorCode.UNSUPPORTED_FIELD,
                                "The OpenAI API has no content of the kind " + part.capability() + ".")
                        .withField(field);
        }
        json.writeEndObject();
    }
}
