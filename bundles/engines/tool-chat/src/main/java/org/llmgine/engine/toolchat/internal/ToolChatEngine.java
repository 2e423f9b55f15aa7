package org.llmgine.engine.toolchat.internal;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ToolChoice;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Calls the model and its tools until the model stops asking for them.
 *
 * <p>Rounds are counted in the stored conversation, so they survive a suspension; tokens and time are those of one run.
 */
@LlmginePlugin(
        id = "tool-chat",
        kind = LlmginePlugin.ENGINE,
        name = "Tool chat",
        description = "Calls the model and the tools that it asks for until it is done.",
        author = "LLMgine",
        pids = ToolChatEngine.PID)
@Component(configurationPid = ToolChatEngine.PID)
@Designate(ocd = ToolChatSettings.class)
public final class ToolChatEngine implements Engine {
    static final String PID = "org.llmgine.engine.toolchat";

    private final int maxRounds;
    private final long maxOutputTokens;
    private final long maxDurationMs;
    private final LongSupplier nanoTime;

    @Activate
    public ToolChatEngine(ToolChatSettings settings) {
        this(settings.maxRounds(), settings.maxOutputTokens(), settings.maxDurationMs(), System::nanoTime);
    }

    ToolChatEngine(int maxRounds, long maxOutputTokens, long maxDurationMs, LongSupplier nanoTime) {
        this.maxRounds = maxRounds;
        this.maxOutputTokens = maxOutputTokens;
        this.maxDurationMs = maxDurationMs;
        this.nanoTime = nanoTime;
    }

    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        long start = nanoTime.getAsLong();
        long outputTokens = 0;
        while (true) {
            List<Message> answers = sincePrompt(turn.messages());
            List<ToolCall> unanswered = unanswered(answers);
            if (!unanswered.isEmpty()) {
                ToolRound round = turn.callTools(unanswered);
                if (!round.pending().isEmpty()) {
                    return TurnOutcome.suspended(round.pending());
                }
            }
            checkLimits(outputTokens, nanoTime.getAsLong() - start);
            long rounds = answers.stream()
                    .filter(message -> !message.toolCalls().isEmpty())
                    .count();
            ModelAnswer answer = ModelAnswer.relay(turn.open(request(turn, rounds, outputTokens)), emitter::emit);
            outputTokens += answer.usage().outputTokens();
            boolean done = answer.message().toolCalls().isEmpty();
            if (!done && rounds >= maxRounds) {
                throw limitReached(
                        "The model still asks for tools after " + maxRounds + " rounds of tool calls.", "maxRounds");
            }
            turn.append(answer.message());
            if (done) {
                return TurnOutcome.completed(answer.finishReason());
            }
        }
    }

    private ModelRequest request(Turn turn, long rounds, long outputTokens) {
        ModelRequest request = turn.request();
        ModelRequest.Builder builder = request.toBuilder();
        if (rounds >= maxRounds) {
            builder.toolChoice(ToolChoice.NONE);
        } else if (rounds > 0 && !request.toolChoice().equals(ToolChoice.NONE)) {
            // A demanded tool has been called; demanding it again would never end.
            builder.toolChoice(ToolChoice.AUTO);
        }
        if (maxOutputTokens > 0) {
            long left = maxOutputTokens - outputTokens;
            builder.maxTokens((int) Math.min(left, request.maxTokens().orElse(Integer.MAX_VALUE)));
        }
        return builder.build();
    }

    private void checkLimits(long outputTokens, long elapsedNanos) {
        if (maxOutputTokens > 0 && outputTokens >= maxOutputTokens) {
            throw limitReached(
                    "The turn has used up its " + maxOutputTokens + " output tokens before it was done.",
                    "maxOutputTokens");
        }
        if (maxDurationMs > 0 && elapsedNanos >= TimeUnit.MILLISECONDS.toNanos(maxDurationMs)) {
            throw limitReached("The turn took longer than " + maxDurationMs + " ms.", "maxDurationMs");
        }
    }

    private static LlmgineException limitReached(String message, String setting) {
        return new LlmgineException(ErrorCode.LIMIT_REACHED, message)
                .withHint("Ask for less at a time, or raise " + setting + " in the settings of " + PID + ".");
    }

    private static List<Message> sincePrompt(List<Message> messages) {
        int from = messages.size();
        while (from > 0 && !messages.get(from - 1).role().equals(Role.USER)) {
            from--;
        }
        return messages.subList(from, messages.size());
    }

    /** Return the last answer's calls that have no result yet; a call's id is unique within its message only. */
    private static List<ToolCall> unanswered(List<Message> answers) {
        Set<String> answered = new HashSet<>();
        for (Message message : answers.reversed()) {
            if (message.role().equals(Role.ASSISTANT)) {
                return message.toolCalls().stream()
                        .filter(call -> !answered.contains(call.id()))
                        .toList();
            }
            message.toolCallId().ifPresent(answered::add);
        }
        return List.of();
    }
}
