package org.llmgine.provider.offline.internal;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.llmgine.api.tool.ToolSpec;

/** Holds what the model can say without a tool. */
final class Knowledge {
    private static final int MAX_COUNT = 10_000;
    private static final int MAX_ECHO = 200;
    private static final Pattern COUNT = Pattern.compile("\\bcount (?:up )?to (\\d{1,9})\\b", Pattern.CASE_INSENSITIVE);

    private static final String SELF =
            "I am offline/demo, the model that is built into LLMgine so that everything can be tried with no key and no"
                    + " network. I am no language model: I follow fixed rules, and the same question always gets the same"
                    + " answer.";
    private static final String CONNECT =
            "To talk to a real model, set OPENAI_API_KEY, OPENROUTER_API_KEY or DEEPSEEK_API_KEY before the host starts, or"
                    + " run an Ollama on this machine: the provider openai finds them. Any other back-end that speaks the"
                    + " OpenAI API takes one small file in etc, as docs/connecting.md says. Ask for the model as"
                    + " instance/model; LLMGINE_DEFAULT_MODEL makes it the default.";

    /** A topic is met by its pattern; the first one that is met answers. */
    private record Topic(Pattern pattern, String answer) {
        Topic(String pattern, String answer) {
            this(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), answer);
        }
    }

    private static final List<Topic> TOPICS = List.of(
            new Topic(
                    "\\b(?:real|other|another|better) (?:language )?(?:model|llm|provider)|\\b(?:api )?key\\b"
                            + "|\\b(?:connect|openai|anthropic|claude|gpt|gemini|ollama|llama|mistral)\\b",
                    SELF + " " + CONNECT),
            new Topic(
                    "\\b(?:install|deploy|add|upgrade|update|replace|remove|write)\\b.*\\bplugins?\\b|\\bplugins?\\b.*\\?",
                    "A plugin is one OSGi bundle: an engine, a provider or a tool. Put its jar into the folder deploy of the"
                            + " host's data folder, or type feature:install with the name of its feature in the shell."
                            + " Nobody who is talking to the host notices: an answer that is streaming ends on the"
                            + " version that it began on."),
            new Topic(
                    "\\bwhat can (?:you|i)\\b|\\bwhat do you know\\b|\\bhelp\\b",
                    SELF + " I can tell what LLMgine is, how to install a plugin and how to connect a real model; I can"
                            + " count, call the tools that I am given (ask engine/tool-chat: What is 17*23?), and fill in a"
                            + " JSON schema. " + CONNECT),
            new Topic(
                    "\\bllmgine\\b|\\b(?:this|the|your) (?:host|server|system)\\b",
                    "LLMgine is a host for LLM applications. Engines, model providers and tools are plugins in it, and each"
                            + " can be installed, upgraded, configured and removed while people are talking: no live stream"
                            + " notices. It runs on Apache Karaf and speaks the OpenAI API, so the clients that you have"
                            + " work. " + SELF),
            new Topic("\\b(?:who|what|which model) are you\\b|\\byour name\\b|\\bwhich model\\b", SELF + " " + CONNECT),
            new Topic(
                    "^(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\\b",
                    "Hello! " + SELF + " Ask me what I can do."),
            new Topic("\\bthank(?:s| you)\\b", "You are welcome."),
            new Topic("\\b(?:bye|goodbye)\\b", "Goodbye!"));

    private Knowledge() {}

    static String answer(Prompt prompt, List<ToolSpec> tools) {
        Matcher count = COUNT.matcher(prompt.line());
        if (count.find()) {
            return IntStream.rangeClosed(1, Math.min(MAX_COUNT, Integer.parseInt(count.group(1))))
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining(" "));
        }
        if (prompt.matches("\\b(?:which|what|list)\\b.*\\btools\\b")) {
            return tools.isEmpty()
                    ? "I was given no tools. The engine tool-chat gives me those of the host: ask engine/tool-chat."
                    : "I was given these tools:\n"
                            + tools.stream()
                                    .map(tool -> "- " + tool.name() + ": " + tool.description())
                                    .collect(Collectors.joining("\n"));
        }
        return TOPICS.stream()
                .filter(topic -> topic.pattern().matcher(prompt.line()).find())
                .map(Topic::answer)
                .findFirst()
                .orElseGet(() -> unknown(prompt));
    }

    private static String unknown(Prompt prompt) {
        if (!Expressions.in(prompt.line()).isEmpty()) {
            return "I don't calculate by myself: that takes a tool, and I was given none that does. The engine tool-chat gives"
                    + " me the host's calculator: ask engine/tool-chat.";
        }
        String said = prompt.line().length() <= MAX_ECHO
                ? prompt.line()
                : prompt.line().substring(0, MAX_ECHO) + "…";
        return "You said: \"" + said + "\" I know nothing about that. " + SELF + " " + CONNECT;
    }
}
