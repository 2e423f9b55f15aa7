package org.llmgine.provider.openai.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/**
 * Turns the chunks of a streamed answer, or a whole answer, into events. Not thread-safe.
 *
 * <p>The chunks of a stream differ, as a rule, in their piece of text only: what surrounds it in one that was read is kept as a
 * {@link ChunkTemplate}, and the next one is compared with it before it is parsed.
 */
final class ChunkDecoder {
    /** After so many templates that never fitted, no more are made. */
    private static final int MAX_MISSES = 8;

    private static final int MAX_DONE = 16;

    private final JsonFactory json;
    private final Failures failures;
    private final Queue<StreamEvent> events = new ArrayDeque<>();
    private final ToolCallMerger calls = new ToolCallMerger();
    private final Map<String, Object> answerFields = new LinkedHashMap<>();
    private final Map<String, Object> untold = new LinkedHashMap<>();
    private @Nullable Usage usage;
    private String finishReason = "";
    private boolean begun;
    private boolean finished;

    private @Nullable ChunkTemplate template;
    private int misses;
    private int added;
    private long textAt;
    private boolean plain;
    private boolean reasons;

    ChunkDecoder(JsonFactory json, Failures failures) {
        this.json = json;
        this.failures = failures;
    }

    /** Return the next event that is decoded; null when there is none. */
    @Nullable StreamEvent poll() {
        return events.poll();
    }

    /** Tell whether there is an event. */
    boolean hasEvent() {
        return !events.isEmpty();
    }

    /** Tell whether the answer was whole. */
    boolean isFinished() {
        return finished;
    }

    /**
     * Decode the data of one event.
     *
     * @param error whether the back-end named the event an error
     * @throws LlmgineException what the back-end reports, or {@code provider_error} for what can't be read
     */
    void decode(byte[] data, int offset, int length, boolean error) {
        if (finished) {
            return;
        }
        ChunkTemplate known = template;
        if (known != null && !error) {
            String text = known.match(data, offset, length);
            if (text != null) {
                misses = 0;
                if (!text.isEmpty()) {
                    add(known.reasons() ? new ReasoningDelta(text) : new TextDelta(text));
                }
                return;
            }
        }
        if (isBlank(data, offset, length)) {
            return;
        }
        if (isDone(data, offset, length)) {
            finishWhole();
            return;
        }
        added = 0;
        plain = true;
        textAt = -1;
        try (JsonParser parser = json.createParser(data, offset, length)) {
            if (error) {
                parser.nextToken();
                throw failures.inAnswer(JsonValues.read(parser));
            }
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw unreadable(null);
            }
            chunk(parser);
        } catch (IOException e) {
            if (error) {
                throw failures.inAnswer(new String(data, offset, length, StandardCharsets.UTF_8));
            }
            throw unreadable(e);
        }
        if (plain && added == 1 && textAt >= 0 && misses < MAX_MISSES) {
            template = ChunkTemplate.of(data, offset, length, (int) textAt, reasons);
            misses++;
        }
    }

    /** Take note of the end of the stream: the answer is whole if the back-end said why it ended. */
    void end() {
        if (!finished) {
            if (finishReason.isEmpty()) {
                throw HttpAnswer.brokeOff(null);
            }
            finish(finishReason);
        }
    }

    /** Take note that an answer that came as a whole is over. */
    void endWhole() {
        if (finishReason.isEmpty() && !begun) {
            throw unreadable(null);
        }
        finishWhole();
    }

    /** Finish an answer that is whole though the back-end may not have said why it ended. */
    private void finishWhole() {
        finish(finishReason.isEmpty() ? (calls.isEmpty() ? Finish.STOP : Finish.TOOL_CALLS) : finishReason);
    }

    private void finish(String reason) {
        if (reason.equals("error")) {
            throw failures.inAnswer("The model's answer ended with an error.");
        }
        if (calls.hasNameless()) {
            throw new LlmgineException(
                    ErrorCode.PROVIDER_ERROR, "The back-end's answer calls a tool without its name.");
        }
        begun = true;
        tellAnswerFields();
        if (usage != null) {
            events.add(new UsageUpdate(usage));
        }
        events.add(new Finish(reason.equals("function_call") ? Finish.TOOL_CALLS : reason));
        finished = true;
    }

    private void add(StreamEvent event) {
        begun = true;
        added++;
        events.add(event);
    }

    private void chunk(JsonParser parser) throws IOException {
        String object = "";
        Object error = null;
        Map<String, Object> rest = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "choices" -> choices(parser);
                case "usage" -> usage(JsonValues.read(parser));
                case "error" -> error = JsonValues.read(parser);
                case "object" -> object = parser.getText();
                // The last one is padding.
                case "id", "created", "model", "obfuscation" -> parser.skipChildren();
                default -> {
                    Object value = JsonValues.read(parser);
                    if (value != null) {
                        rest.put(name, value);
                    }
                }
            }
        }
        if (error != null || object.equals("error")) {
            throw failures.inAnswer(error != null ? Map.of("error", error) : rest);
        }
        rest.forEach((name, value) -> {
            if (!value.equals(answerFields.put(name, value))) {
                untold.put(name, value);
            }
        });
        tellAnswerFields();
    }

    /** The first event is one of the answer's own: what comes before it can still be tried again. */
    private void tellAnswerFields() {
        if (begun && !untold.isEmpty()) {
            add(new ExtensionUpdate(ExtensionUpdate.ANSWER, untold));
            untold.clear();
        }
    }

    /** Read the first choice: nobody asks for more. */
    private void choices(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        boolean first = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (first && parser.currentToken() == JsonToken.START_OBJECT) {
                choice(parser);
            } else {
                parser.skipChildren();
            }
            first = false;
        }
    }

    private void choice(JsonParser parser) throws IOException {
        Map<String, Object> rest = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "delta", "message" -> {
                    if (token == JsonToken.START_OBJECT) {
                        message(parser);
                    } else {
                        parser.skipChildren();
                    }
                }
                case "finish_reason" -> {
                    if (token == JsonToken.VALUE_STRING && !parser.getText().isEmpty()) {
                        finishReason = parser.getText();
                        plain = false;
                    }
                }
                case "usage" -> usage(JsonValues.read(parser));
                case "index" -> parser.skipChildren();
                default -> keep(rest, name, parser);
            }
        }
        tell(ExtensionUpdate.CHOICE, rest);
    }

    private void message(JsonParser parser) throws IOException {
        Map<String, Object> rest = new LinkedHashMap<>();
        String reasoning = "";
        String otherReasoning = "";
        long reasoningAt = -1;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "content" -> content(parser, token);
                case "reasoning_content" -> {
                    reasoning = string(parser);
                    reasoningAt = at(parser, reasoning);
                }
                case "reasoning" -> {
                    // Some back-ends send the same words under both names.
                    otherReasoning = string(parser);
                    reasoningAt = reasoning.isEmpty() ? at(parser, otherReasoning) : reasoningAt;
                }
                case "refusal" -> {
                    String refusal = string(parser);
                    if (!refusal.isEmpty()) {
                        plain = false;
                        add(new RefusalDelta(refusal));
                    }
                }
                case "tool_calls" -> toolCalls(parser, token);
                case "function_call" -> {
                    if (token == JsonToken.START_OBJECT) {
                        toolCall(0, "", JsonValues.read(parser));
                    }
                }
                case "role" -> parser.skipChildren();
                default -> keep(rest, name, parser);
            }
        }
        if (!reasoning.isEmpty() || !otherReasoning.isEmpty()) {
            plain &= reasoning.isEmpty() || otherReasoning.isEmpty();
            reasons = true;
            textAt = reasoningAt;
            add(new ReasoningDelta(reasoning.isEmpty() ? otherReasoning : reasoning));
        }
        tell(ExtensionUpdate.MESSAGE, rest);
    }

    private void content(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            if (!text.isEmpty()) {
                reasons = false;
                textAt = at(parser, text);
                add(new TextDelta(text));
            }
        } else if (token == JsonToken.START_ARRAY) {
            plain = false;
            parts(JsonValues.read(parser), false);
        } else {
            parser.skipChildren();
        }
    }

    /** Read content in parts, which may be text and reasoning. */
    private void parts(@Nullable Object content, boolean thinking) {
        for (Object part : content instanceof List<?> list ? list : List.of()) {
            String text = JsonValues.text(part, "text");
            if (!text.isEmpty()) {
                add(thinking ? new ReasoningDelta(text) : new TextDelta(text));
            }
            parts(JsonValues.field(part, "thinking"), true);
        }
    }

    private void toolCalls(JsonParser parser, JsonToken token) throws IOException {
        Object list = token == JsonToken.START_ARRAY ? JsonValues.read(parser) : null;
        for (Object call : list instanceof List<?> pieces ? pieces : List.of()) {
            Object index = JsonValues.field(call, "index");
            toolCall(
                    index instanceof Number number ? Math.max(-1, number.longValue()) : -1,
                    JsonValues.text(call, "id"),
                    JsonValues.field(call, "function"));
        }
    }

    private void toolCall(long index, String id, @Nullable Object function) throws IOException {
        plain = false;
        Object arguments = JsonValues.field(function, "arguments");
        ToolCallDelta delta = calls.add(
                index,
                id,
                JsonValues.text(function, "name"),
                arguments == null ? "" : arguments instanceof String text ? text : written(arguments));
        if (delta != null) {
            add(delta);
        }
    }

    private String written(Object value) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = json.createGenerator(text)) {
            JsonValues.write(generator, value);
        }
        return text.toString();
    }

    private void usage(@Nullable Object told) {
        if (!(told instanceof Map<?, ?> map) || map.isEmpty()) {
            return;
        }
        plain = false;
        long cached = JsonValues.count(JsonValues.field(map, "prompt_tokens_details"), "cached_tokens");
        long reasoned = JsonValues.count(JsonValues.field(map, "completion_tokens_details"), "reasoning_tokens");
        usage = new Usage(
                JsonValues.count(map, "prompt_tokens"),
                JsonValues.count(map, "completion_tokens"),
                Math.max(
                        cached,
                        Math.max(
                                JsonValues.count(map, "prompt_cache_hit_tokens"),
                                JsonValues.count(map, "cached_tokens"))),
                Math.max(reasoned, JsonValues.count(map, "reasoning_tokens")));
    }

    private static void keep(Map<String, Object> rest, String name, JsonParser parser) throws IOException {
        Object value = JsonValues.read(parser);
        boolean empty = value == null
                || (value instanceof List<?> list && list.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty());
        if (!empty) {
            rest.put(name, value);
        }
    }

    private void tell(String scope, Map<String, Object> rest) {
        if (!rest.isEmpty()) {
            plain = false;
            add(new ExtensionUpdate(scope, rest));
        }
    }

    private static String string(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return "";
    }

    /** Return where the string that the parser stands on begins. */
    private static long at(JsonParser parser, String text) {
        return text.isEmpty() ? -1 : parser.currentTokenLocation().getByteOffset();
    }

    private static boolean isBlank(byte[] data, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (data[i] != ' ' && data[i] != '\t' && data[i] != '\n') {
                return false;
            }
        }
        return true;
    }

    private static boolean isDone(byte[] data, int offset, int length) {
        return length <= MAX_DONE
                && new String(data, offset, length, StandardCharsets.ISO_8859_1)
                        .strip()
                        .equals("[DONE]");
    }

    private static LlmgineException unreadable(@Nullable IOException cause) {
        String message = "The back-end sent something that is no chat completion.";
        return cause == null
                ? new LlmgineException(ErrorCode.PROVIDER_ERROR, message)
                : new LlmgineException(ErrorCode.PROVIDER_ERROR, message, cause);
    }
}
