package org.llmgine.provider.offline.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.ToolSpec;

/** Finds out which tools a prompt asks for, and with which arguments. */
final class ToolSkills {
    private static final Pattern CALCULATES =
            Pattern.compile("calculat|arithmetic|\\bmath|expression", Pattern.CASE_INSENSITIVE);
    private static final Pattern TELLS_TIME = Pattern.compile(
            "\\bclock\\b|\\b(?:current|local)\\W+(?:date|time)\\b|date_?time", Pattern.CASE_INSENSITIVE);
    private static final Pattern EXPRESSION_NAME =
            Pattern.compile("expression|formula|calculation|input|query", Pattern.CASE_INSENSITIVE);
    private static final Pattern ZONE_NAME = Pattern.compile("zone|^tz$", Pattern.CASE_INSENSITIVE);
    private static final int MAX_CALLS = 32;
    private static final Set<String> COMMON_WORDS = Set.of(
            "get", "find", "fetch", "search", "look", "lookup", "show", "tell", "the", "for", "tool", "call", "use");

    private final JsonMapper json;

    ToolSkills(JsonMapper json) {
        this.json = json;
    }

    /** A call that the prompt asks for. */
    record Wanted(String tool, JsonNode arguments) {}

    /** Return what a call asked for. */
    Wanted wanted(ToolCall call) {
        return new Wanted(call.name(), read(call.arguments()).orElse(json.missingNode()));
    }

    /** Return the calls that the prompt asks for: of tools that it names, else of those that do what it asks for. */
    List<Wanted> wanted(Prompt prompt, List<ToolSpec> tools) {
        List<ToolSpec> named =
                tools.stream().filter(tool -> isNamed(prompt, tool)).toList();
        if (!named.isEmpty()) {
            return calls(prompt, named);
        }
        Set<ToolSpec> fitting = new LinkedHashSet<>();
        if (!Expressions.in(prompt.line()).isEmpty()) {
            tools.stream()
                    .filter(tool ->
                            fits(tool, CALCULATES) && expressionParameter(tool).isPresent())
                    .findFirst()
                    .ifPresent(fitting::add);
        }
        if (prompt.asksForTime()) {
            tools.stream().filter(tool -> fits(tool, TELLS_TIME)).findFirst().ifPresent(fitting::add);
        }
        tools.stream()
                .filter(tool -> saysName(prompt, tool) && !fits(tool, CALCULATES))
                .forEach(fitting::add);
        return calls(prompt, fitting);
    }

    /** Return at least one call, of the named tool if there is a name. */
    List<Wanted> demanded(Prompt prompt, List<ToolSpec> tools, String name) {
        List<ToolSpec> allowed = tools.stream()
                .filter(tool -> name.isEmpty() || tool.name().equals(name))
                .toList();
        List<Wanted> wanted = wanted(prompt, allowed);
        return wanted.isEmpty() ? calls(prompt, allowed.subList(0, Math.min(1, allowed.size()))) : wanted;
    }

    private List<Wanted> calls(Prompt prompt, Collection<ToolSpec> tools) {
        return tools.stream()
                .flatMap(tool -> arguments(prompt, tool).map(arguments -> new Wanted(tool.name(), arguments)))
                .limit(MAX_CALLS)
                .toList();
    }

    /** Return the arguments of each call of a tool. */
    private Stream<? extends JsonNode> arguments(Prompt prompt, ToolSpec tool) {
        Optional<JsonNode> given = isNamed(prompt, tool) ? objectIn(prompt.line()) : Optional.empty();
        if (given.isPresent()) {
            return given.stream();
        }
        List<String> expressions = Expressions.in(prompt.line());
        Optional<String> expression = fits(tool, CALCULATES) ? expressionParameter(tool) : Optional.empty();
        if (expression.isPresent() && !expressions.isEmpty()) {
            return expressions.stream()
                    .distinct()
                    .map(sum -> instance(prompt, tool).put(expression.get(), sum));
        }
        ObjectNode arguments = instance(prompt, tool);
        if (fits(tool, TELLS_TIME)) {
            prompt.zone().ifPresent(zone -> parameter(tool, ZONE_NAME).ifPresent(name -> arguments.put(name, zone)));
        }
        return Stream.of(arguments);
    }

    private ObjectNode instance(Prompt prompt, ToolSpec tool) {
        return SchemaInstance.arguments(json, tool.name(), schema(tool), prompt);
    }

    /** Tell whether the prompt says that a tool is to be called, as in "use the tool clock". */
    private static boolean isNamed(Prompt prompt, ToolSpec tool) {
        return prompt.matches(
                "\\b(?:use|using|call|run|invoke|ask|with)\\b[^.?!]{0,40}\\b" + Pattern.quote(tool.name()) + "\\b");
    }

    /** Tell whether the prompt says every word of a tool's name that says something, as "weather" in {@code get_weather}. */
    private static boolean saysName(Prompt prompt, ToolSpec tool) {
        List<String> words = Stream.of(tool.name().split("[_-]|(?<=[a-z])(?=[A-Z])"))
                .map(word -> word.toLowerCase(Locale.ROOT))
                .filter(word -> word.length() > 2 && !COMMON_WORDS.contains(word))
                .toList();
        return !words.isEmpty() && words.stream().allMatch(prompt::says);
    }

    private static boolean fits(ToolSpec tool, Pattern what) {
        return what.matcher(tool.name() + " " + tool.description()).find();
    }

    private Optional<String> expressionParameter(ToolSpec tool) {
        return parameter(tool, EXPRESSION_NAME)
                .or(() -> schema(tool)
                        .path("properties")
                        .propertyStream()
                        .filter(property ->
                                property.getValue().path("type").asText().equals("string"))
                        .map(Map.Entry::getKey)
                        .findFirst());
    }

    private Optional<String> parameter(ToolSpec tool, Pattern name) {
        return schema(tool)
                .path("properties")
                .propertyStream()
                .map(Map.Entry::getKey)
                .filter(property -> name.matcher(property).find())
                .findFirst();
    }

    private JsonNode schema(ToolSpec tool) {
        return read(tool.parameters()).orElseGet(json::createObjectNode);
    }

    private Optional<JsonNode> objectIn(String text) {
        int begin = text.indexOf('{');
        return begin < 0 ? Optional.empty() : read(text.substring(begin)).filter(JsonNode::isObject);
    }

    /** Read the JSON value that a text begins with. */
    private Optional<JsonNode> read(String text) {
        try {
            return Optional.of(json.readTree(text));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
