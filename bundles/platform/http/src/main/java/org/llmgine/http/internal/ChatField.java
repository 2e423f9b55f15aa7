package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;

/**
 * The documented fields of a chat completion request and what becomes of each: the one table, which the reference is made
 * from. A field that isn't here goes to the provider as an extension.
 */
enum ChatField {
    MODEL("model", Rule.HONOURED, "`instance/model`, `default`, an alias or `engine/NAME`; `default` when absent"),
    MESSAGES("messages", Rule.HONOURED, "roles `system`, `developer`, `user`, `assistant`, `tool`"),
    STREAM("stream", Rule.HONOURED, ""),
    STREAM_OPTIONS("stream_options", Rule.HONOURED, "`include_usage`; the rest changes nothing"),
    TOOLS("tools", Rule.HONOURED, "functions; refused for `engine/NAME`, which has the host's tools"),
    TOOL_CHOICE("tool_choice", Rule.HONOURED, "`auto`, `none`, `required` or a named function"),
    PARALLEL_TOOL_CALLS("parallel_tool_calls", Rule.HONOURED, ""),
    RESPONSE_FORMAT("response_format", Rule.HONOURED, "`text`, `json_object`, `json_schema`"),
    MAX_TOKENS("max_tokens", Rule.HONOURED, ""),
    MAX_COMPLETION_TOKENS("max_completion_tokens", Rule.HONOURED, ""),
    TEMPERATURE("temperature", Rule.HONOURED, "0 to 2"),
    TOP_P("top_p", Rule.HONOURED, "0 to 1"),
    FREQUENCY_PENALTY("frequency_penalty", Rule.HONOURED, "-2 to 2"),
    PRESENCE_PENALTY("presence_penalty", Rule.HONOURED, "-2 to 2"),
    SEED("seed", Rule.HONOURED, ""),
    STOP("stop", Rule.HONOURED, "a string or up to four"),
    REASONING_EFFORT("reasoning_effort", Rule.HONOURED, ""),
    N("n", Rule.HONOURED, "only 1"),
    LOGIT_BIAS("logit_bias", Rule.PASSED_OR_REFUSED, "", "{}"),
    METADATA("metadata", Rule.PASSED_OR_REFUSED, "", "{}"),
    PREDICTION("prediction", Rule.PASSED_OR_REFUSED, ""),
    SERVICE_TIER("service_tier", Rule.PASSED_OR_REFUSED, "", "\"auto\"", "\"default\""),
    STORE("store", Rule.PASSED_OR_REFUSED, "", "false"),
    VERBOSITY("verbosity", Rule.PASSED_OR_REFUSED, "", "\"medium\""),
    WEB_SEARCH_OPTIONS("web_search_options", Rule.PASSED_OR_REFUSED, ""),
    PROMPT_CACHE_KEY("prompt_cache_key", Rule.PASSED, ""),
    PROMPT_CACHE_RETENTION("prompt_cache_retention", Rule.PASSED, ""),
    SAFETY_IDENTIFIER("safety_identifier", Rule.PASSED, ""),
    USER("user", Rule.PASSED, ""),
    AUDIO("audio", Rule.REFUSED, "answers are text"),
    MODALITIES("modalities", Rule.REFUSED, "answers are text", "[\"text\"]"),
    LOGPROBS("logprobs", Rule.REFUSED, "answers carry none", "false"),
    TOP_LOGPROBS("top_logprobs", Rule.REFUSED, "answers carry none", "0"),
    FUNCTIONS("functions", Rule.REFUSED, "use `tools`", "[]"),
    FUNCTION_CALL("function_call", Rule.REFUSED, "use `tool_choice`", "\"none\"", "\"auto\"");

    /** What becomes of a documented field. */
    enum Rule {
        HONOURED("honoured"),
        PASSED("goes to a provider that takes extensions; for others it changes nothing"),
        PASSED_OR_REFUSED("goes to a provider that takes extensions, else refused"),
        REFUSED("refused");

        private final String words;

        Rule(String words) {
            this.words = words;
        }
    }

    private static final Map<String, ChatField> NAMED =
            Arrays.stream(values()).collect(Collectors.toMap(ChatField::fieldName, Function.identity()));

    private final String name;
    private final Rule rule;
    private final String note;
    private final List<String> harmless;

    ChatField(String name, Rule rule, String note, String... harmless) {
        this.name = name;
        this.rule = rule;
        this.note = note;
        this.harmless = List.of(harmless);
    }

    /** Find the documented field of that name. */
    static @Nullable ChatField named(String name) {
        return NAMED.get(name);
    }

    String fieldName() {
        return name;
    }

    /** Complain of a value of a field that is refused. */
    LlmgineException refusal(At value) {
        return value.unsupported("this host doesn't support this field; " + note.replace("`", ""));
    }

    Rule rule() {
        return rule;
    }

    /** Whether the value asks for what happens anyway. */
    boolean isHarmless(JsonNode value) {
        return harmless.contains(value.toString());
    }

    /** The table for the reference, in Markdown. */
    static String table() {
        Function<ChatField, String> row = field -> "| `" + field.name + "` | " + field.rule.words
                + field.harmless.stream()
                        .map(value -> "`" + value + "`")
                        .reduce((a, b) -> a + " or " + b)
                        .map(values -> "; " + values + " is taken")
                        .orElse("")
                + " | " + field.note + " |";
        return "| field | what becomes of it | |\n|---|---|---|\n"
                + Arrays.stream(values()).map(row).collect(Collectors.joining("\n"));
    }
}
