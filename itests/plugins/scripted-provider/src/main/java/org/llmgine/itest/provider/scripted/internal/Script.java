package org.llmgine.itest.provider.scripted.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/**
 * Turns a script into beats. A script is the model's name, or the last prompt where the model is {@code prompt}: steps joined
 * by {@code +}.
 *
 * <table>
 * <caption>Steps</caption>
 * <tr><td>{@code paced-64-20}</td><td>64 deltas {@code w0 }, {@code w1 } …, 20 ms apart</td></tr>
 * <tr><td>{@code wait-3000}</td><td>nothing for 3 s</td></tr>
 * <tr><td>{@code silent}</td><td>nothing until it is closed</td></tr>
 * <tr><td>{@code gate-away}</td><td>nothing until the gate {@code away} is open, see {@link Journal#isOpen}</td></tr>
 * <tr><td>{@code greet}</td><td>one delta with the setting and the version</td></tr>
 * <tr><td>{@code tool-stamp-500}</td><td>a call of {@code stamp} with {@code {"waitMs":500}}, unless its result is there</td></tr>
 * <tr><td>{@code result}</td><td>one delta with the last tool's result</td></tr>
 * <tr><td>{@code fail-429}</td><td>the failure of a back-end that answers so</td></tr>
 * <tr><td>{@code spin-3000}</td><td>3 s of computing without a pause</td></tr>
 * <tr><td>{@code relay}</td><td>nothing: it is for the engine {@code echo}</td></tr>
 * <tr><td>{@code throw}</td><td>a defect of the plugin</td></tr>
 * </table>
 */
final class Script {
    private final ModelRequest request;
    private final String greeting;
    private final List<Beat> beats = new ArrayList<>();
    private int words;
    private String gate = "";

    Script(ModelRequest request, String greeting, String version) {
        this.request = request;
        this.greeting = greeting + " " + version;
    }

    List<Beat> beats() {
        String script = request.model().equals("prompt") ? lastPrompt() : request.model();
        for (String step : script.strip().split("\\+")) {
            if (step.startsWith("tool-") && !request.messages().getLast().role().equals(Role.TOOL)) {
                callTool(step.split("-"));
                return beats;
            }
            addStep(step.split("-"));
        }
        end(Finish.STOP);
        return beats;
    }

    private void addStep(String[] step) {
        switch (step[0]) {
            case "paced" -> {
                for (int i = 0; i < Integer.parseInt(step[1]); i++) {
                    add(Long.parseLong(step[2]), new TextDelta("w" + words++ + " "));
                }
            }
            case "wait" -> add(Long.parseLong(step[1]), new TextDelta("waited "));
            case "silent" -> add(Long.MAX_VALUE, new TextDelta("never "));
            case "greet" -> add(0, new TextDelta(greeting));
            case "result" -> add(0, new TextDelta(request.messages().getLast().text()));
            case "gate" -> gate = step[1];
            case "fail" ->
                add(0, () -> {
                    throw failure(step[1]);
                });
            case "spin" -> add(0, () -> spun(Long.parseLong(step[1])));
            case "throw" ->
                add(0, () -> {
                    throw new IllegalStateException("a defect on purpose");
                });
            case "tool", "relay" -> {}
            default -> throw new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no step \"" + step[0] + "\".");
        }
    }

    private static StreamEvent spun(long ms) {
        long end = System.nanoTime() + Duration.ofMillis(ms).toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        return new TextDelta("spun ");
    }

    private void callTool(String[] step) {
        String arguments = step.length > 2 ? "{\"waitMs\":" + step[2] + "}" : "{}";
        add(0, new ToolCallDelta(0, "call_1", step[1], ""));
        add(0, new ToolCallDelta(0, "", "", arguments));
        end(Finish.TOOL_CALLS);
    }

    private void end(String reason) {
        add(0, new UsageUpdate(new Usage(7, words)));
        add(0, new Finish(reason));
    }

    private void add(long waitMs, StreamEvent event) {
        add(waitMs, () -> event);
    }

    private void add(long waitMs, Supplier<StreamEvent> event) {
        beats.add(new Beat(gate, waitMs, event));
        gate = "";
    }

    private String lastPrompt() {
        return request.messages().reversed().stream()
                .filter(message -> message.role().equals(Role.USER))
                .map(Message::text)
                .findFirst()
                .orElse("silent");
    }

    private static LlmgineException failure(String status) {
        return switch (status) {
            case "401" -> new LlmgineException(ErrorCode.PROVIDER_AUTH, "The back-end refused its key.");
            case "429" ->
                // Longer than the host waits before it tries again, so that its caller is told at once.
                new LlmgineException(ErrorCode.RATE_LIMITED, "The back-end is busy.")
                        .withRetryAfter(Duration.ofSeconds(10));
            default -> new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end answered " + status + ".");
        };
    }

    /**
     * One event to come.
     *
     * @param gate what must be open before; empty for nothing
     * @param waitMs how long after the event before, or after the gate was opened
     * @param event gives or throws it
     */
    record Beat(String gate, long waitMs, Supplier<StreamEvent> event) {}
}
