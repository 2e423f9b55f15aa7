package org.llmgine.store.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Usage;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.spi.SessionStore.Entry;

/**
 * Writes what is kept as JSON and reads it again, without loss. Each body says what it is and in which form: a kind and a
 * version, so that a later host can read what an earlier one wrote.
 */
final class Bodies {
    private static final String KIND = "kind";
    private static final String FORM = "v";
    private static final int VERSION = 1;
    private static final int DEPTH = 2_000;

    private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

    private final ObjectMapper json = mapper(false);
    private final ObjectMapper ascii = mapper(true);

    /** Make a mapper without the limits that are meant for what strangers send: what comes here has passed those. */
    static ObjectMapper mapper(boolean ascii) {
        JsonMapper.Builder builder = JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS);
        ObjectMapper mapper = (ascii ? builder.enable(JsonWriteFeature.ESCAPE_NON_ASCII) : builder).build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxNestingDepth(DEPTH)
                        .build());
        mapper.getFactory()
                .setStreamWriteConstraints(
                        StreamWriteConstraints.builder().maxNestingDepth(DEPTH).build());
        return mapper;
    }

    String of(Session session) {
        ObjectNode node = begin("session")
                .put("id", session.id())
                .put("owner", session.owner())
                .put("title", session.title())
                .put("engine", session.engine())
                .put("model", session.model())
                .put("systemPrompt", session.systemPrompt());
        session.tools().ifPresent(tools -> tools.forEach(node.putArray("tools")::add));
        node.set("settings", of(session.settings()));
        session.head().ifPresent(head -> node.put("head", head));
        node.put("created", session.created().toString());
        node.put("updated", session.updated().toString());
        return text(node);
    }

    Session session(String body) {
        return read(
                "session",
                body,
                node -> new Session(
                        text(node, "id"),
                        text(node, "owner"),
                        text(node, "title"),
                        text(node, "engine"),
                        text(node, "model"),
                        text(node, "systemPrompt"),
                        optional(node, "tools", Bodies::texts),
                        settings(node.required("settings")),
                        optional(node, "head", JsonNode::textValue),
                        instant(node, "created"),
                        instant(node, "updated"),
                        Optional.empty()));
    }

    private static ObjectNode of(SessionSettings settings) {
        ObjectNode node = NODES.objectNode();
        settings.maxTokens().ifPresent(value -> node.put("maxTokens", value));
        settings.temperature().ifPresent(value -> node.put("temperature", value));
        settings.topP().ifPresent(value -> node.put("topP", value));
        settings.seed().ifPresent(value -> node.put("seed", value));
        settings.stop().forEach(node.putArray("stop")::add);
        settings.reasoningEffort().ifPresent(value -> node.put("reasoningEffort", value));
        node.put("whenBusy", settings.whenBusy());
        settings.detachedGrace().ifPresent(value -> node.put("detachedGrace", value.toString()));
        ObjectNode approvals = node.putObject("approvals");
        settings.approvals().forEach(approvals::put);
        node.set("extensions", node(settings.extensions()));
        return node;
    }

    private static SessionSettings settings(JsonNode node) {
        return new SessionSettings(
                node.has("maxTokens") ? OptionalInt.of(node.get("maxTokens").intValue()) : OptionalInt.empty(),
                number(node, "temperature"),
                number(node, "topP"),
                node.has("seed") ? OptionalLong.of(node.get("seed").longValue()) : OptionalLong.empty(),
                texts(node.required("stop")),
                optional(node, "reasoningEffort", JsonNode::textValue),
                text(node, "whenBusy"),
                optional(node, "detachedGrace", value -> Duration.parse(value.textValue())),
                optional(node, "approvals", Bodies::words).orElse(Map.of()),
                map(node.required("extensions")));
    }

    private static Map<String, String> words(JsonNode node) {
        Map<String, String> words = new LinkedHashMap<>();
        node.properties()
                .forEach(field -> words.put(field.getKey(), field.getValue().textValue()));
        return words;
    }

    private static OptionalDouble number(JsonNode node, String field) {
        return node.has(field) ? OptionalDouble.of(node.get(field).doubleValue()) : OptionalDouble.empty();
    }

    String of(SessionTurn turn) {
        ObjectNode node = begin("turn")
                .put("id", turn.id())
                .put("session", turn.session())
                .put("state", turn.state())
                .put("prompt", turn.prompt())
                .put("engine", turn.engine())
                .put("model", turn.model())
                .put("created", turn.created().toString())
                .put("finishReason", turn.finishReason());
        turn.ended().ifPresent(ended -> node.put("ended", ended.toString()));
        turn.usage()
                .ifPresent(usage -> node.putObject("usage")
                        .put("input", usage.inputTokens())
                        .put("output", usage.outputTokens())
                        .put("cachedInput", usage.cachedInputTokens())
                        .put("reasoning", usage.reasoningTokens()));
        turn.failure().ifPresent(failure -> {
            ObjectNode told = node.putObject("failure")
                    .put("code", failure.code().name())
                    .put("retryable", failure.code().retryable())
                    .put("message", failure.message());
            failure.hint().ifPresent(hint -> told.put("hint", hint));
            failure.field().ifPresent(field -> told.put("field", field));
        });
        return text(node);
    }

    String of(Approval approval) {
        ObjectNode node = begin("approval")
                .put("id", approval.id())
                .put("session", approval.session())
                .put("turn", approval.turn())
                .put("event", approval.event())
                .put("created", approval.created().toString())
                .put("expires", approval.expires().toString())
                .put("state", approval.state())
                .put("reason", approval.reason());
        node.putObject("call")
                .put("id", approval.call().id())
                .put("name", approval.call().name())
                .put("arguments", approval.call().arguments());
        ObjectNode askedBy =
                node.putObject("askedBy").put("name", approval.askedBy().name());
        approval.askedBy().roles().stream().sorted().forEach(askedBy.putArray("roles")::add);
        approval.decidedBy().ifPresent(who -> node.put("decidedBy", who));
        approval.decided().ifPresent(when -> node.put("decided", when.toString()));
        return text(node);
    }

    Approval approval(String body) {
        return read("approval", body, node -> {
            JsonNode call = node.required("call");
            JsonNode askedBy = node.required("askedBy");
            return new Approval(
                    text(node, "id"),
                    text(node, "session"),
                    text(node, "turn"),
                    node.required("event").longValue(),
                    new ToolCall(text(call, "id"), text(call, "name"), text(call, "arguments")),
                    new Principal(text(askedBy, "name"), Set.copyOf(texts(askedBy.required("roles")))),
                    instant(node, "created"),
                    instant(node, "expires"),
                    text(node, "state"),
                    optional(node, "decidedBy", JsonNode::textValue),
                    text(node, "reason"),
                    optional(node, "decided", value -> Instant.parse(value.textValue())));
        });
    }

    SessionTurn turn(String body) {
        return read(
                "turn",
                body,
                node -> new SessionTurn(
                        text(node, "id"),
                        text(node, "session"),
                        text(node, "state"),
                        text(node, "prompt"),
                        text(node, "engine"),
                        text(node, "model"),
                        instant(node, "created"),
                        optional(node, "ended", value -> Instant.parse(value.textValue())),
                        text(node, "finishReason"),
                        optional(node, "usage", Bodies::usage),
                        optional(node, "failure", Bodies::failure)));
    }

    private static Usage usage(JsonNode node) {
        return new Usage(
                node.required("input").longValue(),
                node.required("output").longValue(),
                node.required("cachedInput").longValue(),
                node.required("reasoning").longValue());
    }

    private static TurnFailure failure(JsonNode node) {
        return new TurnFailure(
                new ErrorCode(text(node, "code"), node.required("retryable").booleanValue()),
                text(node, "message"),
                optional(node, "hint", JsonNode::textValue),
                optional(node, "field", JsonNode::textValue));
    }

    String of(Entry entry) {
        ObjectNode node = begin("message").put("id", entry.id());
        entry.parent().ifPresent(parent -> node.put("parent", parent));
        entry.turn().ifPresent(turn -> node.put("turn", turn));
        node.put("created", entry.created().toString());
        node.set("message", of(entry.message()));
        return text(node);
    }

    Entry entry(String body) {
        return read(
                "message",
                body,
                node -> new Entry(
                        text(node, "id"),
                        optional(node, "parent", JsonNode::textValue),
                        optional(node, "turn", JsonNode::textValue),
                        instant(node, "created"),
                        message(node.required("message"))));
    }

    private static ObjectNode of(Message message) {
        ObjectNode node = NODES.objectNode().put("role", message.role().name());
        ArrayNode content = node.putArray("content");
        message.content().forEach(part -> content.add(of(part)));
        ArrayNode calls = node.putArray("toolCalls");
        message.toolCalls()
                .forEach(call -> calls.addObject()
                        .put("id", call.id())
                        .put("name", call.name())
                        .put("arguments", call.arguments()));
        message.toolCallId().ifPresent(id -> node.put("toolCallId", id));
        node.set("extensions", node(message.extensions()));
        return node;
    }

    private static Message message(JsonNode node) {
        List<ContentPart> content = new ArrayList<>();
        node.required("content").forEach(part -> content.add(part(part)));
        List<ToolCall> calls = new ArrayList<>();
        node.required("toolCalls")
                .forEach(
                        call -> calls.add(new ToolCall(text(call, "id"), text(call, "name"), text(call, "arguments"))));
        return new Message(
                new Role(text(node, "role")),
                content,
                calls,
                optional(node, "toolCallId", JsonNode::textValue),
                map(node.required("extensions")));
    }

    private static ObjectNode of(ContentPart part) {
        ObjectNode node = NODES.objectNode();
        return switch (part) {
            case TextPart text -> node.put("type", "text").put("text", text.text());
            case ImagePart image ->
                node.put("type", "image").put("url", image.url()).put("detail", image.detail());
            case FilePart file ->
                node.put("type", "file").put("name", file.name()).put("data", file.data());
            default ->
                throw new LlmgineException(
                                ErrorCode.UNSUPPORTED_FIELD,
                                "The host's store can't keep content of the kind "
                                        + part.getClass().getSimpleName() + ".")
                        .withHint("It keeps text, images and files.");
        };
    }

    private static ContentPart part(JsonNode node) {
        return switch (text(node, "type")) {
            case "text" -> new TextPart(text(node, "text"));
            case "image" -> new ImagePart(text(node, "url"), text(node, "detail"));
            case "file" -> new FilePart(text(node, "name"), text(node, "data"));
            case String other -> throw new IllegalArgumentException("content of the kind " + other);
        };
    }

    /** Write a JSON value of an extension. */
    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> NODES.nullNode();
            case String text -> NODES.textNode(text);
            case Boolean flag -> NODES.booleanNode(flag);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number.longValue());
            case Short number -> NODES.numberNode(number.intValue());
            case Byte number -> NODES.numberNode(number.intValue());
            case BigInteger number -> NODES.numberNode(number);
            case Double number -> NODES.numberNode(number.doubleValue());
            case Float number -> NODES.numberNode(number.floatValue());
            case BigDecimal number -> NODES.numberNode(number);
            case List<?> list -> {
                ArrayNode array = NODES.arrayNode();
                list.forEach(element -> array.add(node(element)));
                yield array;
            }
            case Map<?, ?> map -> {
                ObjectNode object = NODES.objectNode();
                map.forEach((name, element) -> object.set(name(String.valueOf(name)), node(element)));
                yield object;
            }
            default ->
                throw new LlmgineException(
                        ErrorCode.UNSUPPORTED_FIELD,
                        "The host's store can't keep an extension of the type "
                                + value.getClass().getName() + ": it is no JSON value.");
        };
    }

    /** Refuse a name that JSON's readers refuse; a value with half of a surrogate pair they take. */
    private static String name(String name) {
        if (!isUnicode(name)) {
            throw new LlmgineException(
                    ErrorCode.UNSUPPORTED_FIELD,
                    "The host's store can't keep an extension whose name has half of a surrogate pair.");
        }
        return name;
    }

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static @Nullable Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL -> null;
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.numberValue();
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                node.forEach(element -> list.add(value(element)));
                yield list;
            }
            default -> map(node);
        };
    }

    @SuppressWarnings("NullAway") // a JSON null is a value of an extension
    private static Map<String, Object> map(JsonNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(field -> map.put(field.getKey(), value(field.getValue())));
        return map;
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    static String text(JsonNode node, String field) {
        return node.required(field).textValue();
    }

    static Instant instant(JsonNode node, String field) {
        return Instant.parse(text(node, field));
    }

    static <T> Optional<T> optional(JsonNode node, String field, Function<JsonNode, T> read) {
        return node.has(field) ? Optional.of(read.apply(node.get(field))) : Optional.empty();
    }

    static ObjectNode begin(String kind) {
        return NODES.objectNode().put(FORM, VERSION).put(KIND, kind);
    }

    String text(ObjectNode node) {
        try {
            String text = json.writeValueAsString(node);
            // Half of a surrogate pair is text to Java, and no character of UTF-8.
            return isUnicode(text) ? text : ascii.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new LlmgineException(ErrorCode.UNSUPPORTED_FIELD, "The host's store can't keep this.", e);
        }
    }

    <T> T read(String kind, String body, Function<JsonNode, T> read) {
        try {
            JsonNode node = json.readTree(body);
            if (node.path(FORM).asInt() == VERSION && node.path(KIND).asText().equals(kind)) {
                return read.apply(node);
            }
            throw new IllegalArgumentException("no " + kind + " of version " + VERSION);
        } catch (JsonProcessingException | RuntimeException e) {
            throw new LlmgineException(
                    ErrorCode.INTERNAL, "The store holds a " + kind + " that this version of the host can't read.", e);
        }
    }
}
