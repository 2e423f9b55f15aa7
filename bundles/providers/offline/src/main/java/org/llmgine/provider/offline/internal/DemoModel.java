package org.llmgine.provider.offline.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ResponseFormat;
import org.llmgine.api.model.ToolChoice;

/**
 * Decides what to answer: first the tools that the prompt asks for and that were not called yet, then an answer from their
 * results, else from what it knows. The same request always gets the same answer.
 */
final class DemoModel {
    private final JsonMapper json;
    private final ToolSkills skills;

    DemoModel(JsonMapper json) {
        this.json = json;
        this.skills = new ToolSkills(json);
    }

    Answer answer(ModelRequest request) {
        List<Message> messages = request.messages();
        int prompt = messages.size() - 1;
        while (prompt > 0 && !messages.get(prompt).role().equals(Role.USER)) {
            prompt--;
        }
        Prompt asked = Prompt.of(messages.get(prompt).text());
        List<Message> since = messages.subList(prompt + 1, messages.size());

        List<ToolCall> calls = calls(request, asked, since);
        if (!calls.isEmpty()) {
            return Answer.of(calls);
        }
        List<Result> results = results(since);
        String text = results.isEmpty() ? Knowledge.answer(asked, request.tools()) : report(results);
        return Answer.of(request.responseFormat()
                .map(format -> structured(format, asked, results, text))
                .orElse(text));
    }

    private List<ToolCall> calls(ModelRequest request, Prompt asked, List<Message> since) {
        ToolChoice choice = request.toolChoice();
        if (choice.equals(ToolChoice.NONE) || request.tools().isEmpty()) {
            return List.of();
        }
        List<ToolSkills.Wanted> wanted;
        if (choice.equals(ToolChoice.AUTO)) {
            wanted = new ArrayList<>(skills.wanted(asked, request.tools()));
            // What was called already, in this or another order, is done.
            since.stream()
                    .flatMap(message -> message.toolCalls().stream())
                    .forEach(call -> wanted.remove(skills.wanted(call)));
        } else {
            wanted = skills.demanded(asked, request.tools(), choice.name());
        }
        int most = request.parallelToolCalls().orElse(true) ? Integer.MAX_VALUE : 1;
        long before = request.messages().stream()
                .mapToLong(message -> message.toolCalls().size())
                .sum();
        List<ToolCall> calls = new ArrayList<>();
        for (ToolSkills.Wanted call : wanted.subList(0, Math.min(most, wanted.size()))) {
            calls.add(new ToolCall(
                    "call_" + (before + calls.size() + 1),
                    call.tool(),
                    call.arguments().toString()));
        }
        return calls;
    }

    /** A call of this turn and what it gave. */
    private record Result(ToolCall call, String text) {}

    private static List<Result> results(List<Message> since) {
        return since.stream()
                .flatMap(message -> message.toolCalls().stream())
                .flatMap(call -> since.stream()
                        .filter(message -> message.toolCallId().equals(Optional.of(call.id())))
                        .map(message -> new Result(call, message.text())))
                .toList();
    }

    private String report(List<Result> results) {
        return results.stream().map(this::report).collect(Collectors.joining("\n"));
    }

    private String report(Result result) {
        JsonNode arguments = skills.wanted(result.call()).arguments();
        String only = arguments.size() == 1 ? arguments.elements().next().asText() : "";
        return Expressions.in(only).size() == 1 && result.text().matches("-?\\d+(\\.\\d+)?")
                ? only + " = " + result.text() + " (calculated by the tool "
                        + result.call().name() + ")"
                : "The tool " + result.call().name() + " answers: " + result.text();
    }

    private String structured(ResponseFormat format, Prompt asked, List<Result> results, String text) {
        JsonNode value;
        if (format.schema().isEmpty()) {
            value = json.createObjectNode().put("answer", text);
        } else {
            Prompt source = results.isEmpty()
                    ? asked
                    : Prompt.of(results.stream().map(Result::text).collect(Collectors.joining("\n")));
            value = SchemaInstance.strict(json, format.schema(), source);
        }
        try {
            return json.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
