package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ResponseFormat;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.tool.ToolSpec;

/** Understands the body of a chat completion request; every complaint names the field. */
final class ChatRequestReader {
    static final String DEFAULT_MODEL = "default";
    static final int MAX_EXTENSIONS = 256;

    private static final Pattern TOOL_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String NO_PARAMETERS = "{\"type\":\"object\",\"properties\":{}}";

    private final Json json;
    private final Predicate<String> takesExtensions;

    /**
     * Make a reader.
     *
     * @param takesExtensions whether the model of that name takes extensions; asked only when a request needs it
     */
    ChatRequestReader(Json json, Predicate<String> takesExtensions) {
        this.json = json;
        this.takesExtensions = takesExtensions;
    }

    ChatRequest read(At body) {
        String model = body.get("model").optional().map(At::string).orElse(DEFAULT_MODEL);
        ModelRequest.Builder request = ModelRequest.builder(model);
        request.messages(messages(body.get("messages")));
        tools(body, request);
        body.get("parallel_tool_calls").optional().map(At::bool).ifPresent(request::parallelToolCalls);
        body.get("response_format").optional().flatMap(this::responseFormat).ifPresent(request::responseFormat);
        maxTokens(body).ifPresent(request::maxTokens);
        body.get("temperature").optional().map(Sampling::temperature).ifPresent(request::temperature);
        body.get("top_p").optional().map(Sampling::topP).ifPresent(request::topP);
        body.get("frequency_penalty").optional().map(at -> at.number(-2, 2)).ifPresent(request::frequencyPenalty);
        body.get("presence_penalty").optional().map(at -> at.number(-2, 2)).ifPresent(request::presencePenalty);
        body.get("seed").optional().map(At::wholeNumber).ifPresent(request::seed);
        body.get("stop").optional().map(Sampling::stop).ifPresent(request::stop);
        body.get("reasoning_effort").optional().map(At::string).ifPresent(request::reasoningEffort);
        body.get("n").optional().filter(at -> at.integer(1) != 1).ifPresent(at -> {
            throw at.unsupported("only one choice is given per request; it must be 1")
                    .withHint("Send the request several times.");
        });
        request.extensions(extensions(body, model));
        boolean stream = body.get("stream").optional().map(At::bool).orElse(false);
        return new ChatRequest(request.build(), stream, includeUsage(body.get("stream_options"), stream));
    }

    private static boolean includeUsage(At options, boolean stream) {
        if (!options.given()) {
            return false;
        }
        if (!stream) {
            throw options.invalid("is only for requests with stream: true");
        }
        return options.object().get("include_usage").optional().map(At::bool).orElse(false);
    }

    private Map<String, Object> extensions(At body, String model) {
        Map<String, Object> extensions = new HashMap<>();
        body.fields((name, value) -> {
            ChatField field = ChatField.named(name);
            if (!value.given() || field != null && passesBy(field, value, model)) {
                return;
            }
            if (extensions.size() == MAX_EXTENSIONS) {
                throw tooManyFields(value);
            }
            extensions.put(name, json.plain(value.node()));
        });
        return extensions;
    }

    private static LlmgineException tooManyFields(At first) {
        return first.invalid("is one field too many; at most " + MAX_EXTENSIONS
                + " may go to the provider unread, in a request and in each message");
    }

    /** Whether a documented field is no extension; one that can't be honoured is refused. */
    private boolean passesBy(ChatField field, At value, String model) {
        return switch (field.rule()) {
            case HONOURED -> true;
            case PASSED -> false;
            case PASSED_OR_REFUSED -> {
                boolean harmless = field.isHarmless(value.node());
                if (!harmless && !takesExtensions.test(model)) {
                    throw value.unsupported("the model " + Problem.value(model) + " doesn't support this field")
                            .withHint("Leave it out, or choose a model that takes it.");
                }
                yield harmless;
            }
            case REFUSED -> {
                if (!field.isHarmless(value.node())) {
                    throw field.refusal(value);
                }
                yield true;
            }
        };
    }

    private static Optional<Integer> maxTokens(At body) {
        At old = body.get("max_tokens");
        At current = body.get("max_completion_tokens");
        Optional<Integer> oldLimit = old.optional().map(at -> at.integer(1));
        Optional<Integer> limit = current.optional().map(at -> at.integer(1));
        if (oldLimit.isPresent() && limit.isPresent() && !oldLimit.equals(limit)) {
            throw old.invalid("differs from max_completion_tokens; give only one of them");
        }
        return limit.or(() -> oldLimit);
    }

    // Messages

    private List<Message> messages(At at) {
        List<At> items = at.items();
        if (items.isEmpty()) {
            throw at.invalid("must have at least one message");
        }
        return items.stream().map(this::message).toList();
    }

    private Message message(At at) {
        At role = at.object().get("role");
        At content = at.get("content");
        return switch (role.string()) {
            case "system", "developer" ->
                new Message(
                        Role.SYSTEM,
                        ContentReader.text(content),
                        List.of(),
                        Optional.empty(),
                        rest(at, "role", "content"));
            case "user" ->
                new Message(
                        Role.USER,
                        ContentReader.any(content),
                        List.of(),
                        Optional.empty(),
                        rest(at, "role", "content"));
            case "assistant" -> assistant(at, content);
            case "tool" ->
                new Message(
                        Role.TOOL,
                        ContentReader.text(content),
                        List.of(),
                        Optional.of(at.get("tool_call_id").text("the id of the call that it answers")),
                        rest(at, "role", "content", "tool_call_id"));
            case "function" ->
                throw role.unsupported("the role function is obsolete")
                        .withHint("Use the role tool with tool_call_id.");
            default ->
                throw role.invalid("must be one of system, developer, user, assistant, tool, got " + role.quoted());
        };
    }

    private Message assistant(At at, At content) {
        for (String obsolete : List.of("function_call", "audio")) {
            at.get(obsolete).optional().ifPresent(field -> {
                throw field.unsupported("this host doesn't support this field")
                        .withHint(obsolete.equals("audio") ? "Send the text." : "Use tool_calls.");
            });
        }
        List<ToolCall> calls = at.get("tool_calls").optional().map(At::items).orElse(List.of()).stream()
                .map(ChatRequestReader::toolCall)
                .toList();
        List<ContentPart> parts = content.given() ? ContentReader.text(content) : List.of();
        if (parts.isEmpty() && calls.isEmpty() && !at.get("refusal").given()) {
            throw content.invalid("is missing; an assistant's message needs content or tool_calls");
        }
        return new Message(Role.ASSISTANT, parts, calls, Optional.empty(), rest(at, "role", "content", "tool_calls"));
    }

    private static ToolCall toolCall(At at) {
        at.object().get("type").optional().ifPresent(type -> type.oneOf("function"));
        At function = at.get("function").object();
        return new ToolCall(
                at.get("id").text("the call's id"),
                function.get("name").text("a tool's name"),
                function.get("arguments").string());
    }

    /** A message's other fields, for providers that know them. */
    private Map<String, Object> rest(At at, String... known) {
        List<String> names = List.of(known);
        Map<String, Object> rest = new HashMap<>();
        at.fields((name, value) -> {
            if (value.given() && !names.contains(name)) {
                if (rest.size() == MAX_EXTENSIONS) {
                    throw tooManyFields(value);
                }
                rest.put(name, json.plain(value.node()));
            }
        });
        return rest;
    }

    // Tools and the answer's form

    private void tools(At body, ModelRequest.Builder request) {
        List<ToolSpec> specs = body.get("tools").optional().map(At::items).orElse(List.of()).stream()
                .map(this::tool)
                .toList();
        request.tools(specs);
        At choice = body.get("tool_choice");
        if (choice.given()) {
            request.toolChoice(toolChoice(choice, specs));
        }
    }

    private ToolSpec tool(At at) {
        At type = at.object().get("type");
        if (!type.string().equals("function")) {
            throw type.unsupported("only tools of the type function are taken, got " + type.quoted());
        }
        At function = at.get("function").object();
        At name = function.get("name");
        if (!TOOL_NAME.matcher(name.string()).matches()) {
            throw name.invalid("must be 1 to 64 letters, digits, underscores and hyphens");
        }
        return new ToolSpec(
                name.string(),
                function.get("description").optional().map(At::string).orElse(""),
                function.get("parameters")
                        .optional()
                        .map(schema -> schema.object().node().toString())
                        .orElse(NO_PARAMETERS),
                function.get("strict").optional().map(At::bool).orElse(false));
    }

    private static ToolChoice toolChoice(At at, List<ToolSpec> tools) {
        ToolChoice choice;
        if (at.isText()) {
            choice = switch (at.oneOf("auto", "none", "required")) {
                case "none" -> ToolChoice.NONE;
                case "required" -> ToolChoice.REQUIRED;
                default -> ToolChoice.AUTO;
            };
        } else if (at.node().isObject()) {
            At type = at.get("type");
            if (!type.string().equals("function")) {
                throw type.unsupported("only the type function is taken, got " + type.quoted());
            }
            At name = at.get("function").object().get("name");
            if (tools.stream().noneMatch(tool -> tool.name().equals(name.string()))) {
                throw name.invalid("names no tool of this request");
            }
            return ToolChoice.of(name.string());
        } else {
            return at.fail("a string or an object");
        }
        if (choice.equals(ToolChoice.REQUIRED) && tools.isEmpty()) {
            throw at.invalid("can't be required without tools");
        }
        return choice;
    }

    private Optional<ResponseFormat> responseFormat(At at) {
        return switch (at.object().get("type").oneOf("text", "json_object", "json_schema")) {
            case "json_object" -> Optional.of(ResponseFormat.JSON_OBJECT);
            case "json_schema" -> {
                At format = at.get("json_schema").object();
                yield Optional.of(new ResponseFormat(
                        format.get("name").text("the schema's name"),
                        described(format.get("schema").object(), format.get("description")),
                        format.get("strict").optional().map(At::bool).orElse(false)));
            }
            default -> Optional.empty();
        };
    }

    /** A description beside the schema goes into it, where every provider sees it. */
    private static String described(At schema, At description) {
        ObjectNode node = schema.node().deepCopy();
        description
                .optional()
                .map(At::string)
                .filter(text -> !node.has("description"))
                .ifPresent(text -> node.put("description", text));
        return node.toString();
    }
}
