package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;

class FakeTurnTest {
    private static final Message PROMPT = Message.user("Hello");
    private static final ToolCall ECHO = new ToolCall("1", "echo", "{\"a\":1}");
    private static final ToolCall BROKEN = new ToolCall("2", "broken", "{}");
    private static final ToolCall MISSING = new ToolCall("3", "missing", "{}");

    private final ScriptedProvider provider = new ScriptedProvider();
    private final FakeTurn turn = new FakeTurn(provider, PROMPT)
            .tool("echo", call -> ToolResult.text(call.arguments()))
            .tool("broken", call -> {
                throw new IllegalStateException("out of order");
            });

    @Test
    void fillsTheRequestIn() {
        ModelRequest request = turn.options(builder -> builder.maxTokens(7)).request();

        assertThat(request.maxTokens()).hasValue(7);
        assertThat(request.messages()).containsExactly(PROMPT);
        assertThat(request.tools()).extracting(ToolSpec::name).containsExactly("echo", "broken");
        assertThat(turn.id()).isEqualTo("turn");
        assertThat(turn.principal().has(Principal.USER)).isTrue();
        FakeToolContext context = new FakeToolContext();
        assertThat(context.turnId()).isEqualTo(turn.id());
    }

    @Test
    void runsToolsInOrderAndKeepsTheirResults() {
        ToolRound round = turn.callTools(List.of(ECHO, BROKEN, MISSING));

        ToolResult echoed = ToolResult.text("{\"a\":1}");
        ToolResult broken = ToolResult.error("out of order");
        ToolResult missing = ToolResult.error("There is no tool missing.");
        assertThat(round).isEqualTo(new ToolRound(List.of(echoed, broken, missing), List.of()));
        assertThat(turn.messages())
                .containsExactly(
                        PROMPT,
                        Message.tool("1", "{\"a\":1}"),
                        Message.tool("2", "out of order"),
                        Message.tool("3", "There is no tool missing."));
        assertThat(turn.emitter().events())
                .startsWith(new ToolStarted(ECHO), new ToolFinished(ECHO, echoed, Duration.ZERO))
                .hasSize(6);
    }

    @Test
    void leavesCallsThatNeedAnApprovalPending() {
        turn.needsApproval("echo", true);
        assertThat(turn.callTools(List.of(ECHO))).isEqualTo(new ToolRound(List.of(), List.of(ECHO)));
        assertThat(turn.messages()).containsExactly(PROMPT);

        turn.needsApproval("echo", false);
        assertThat(turn.callTools(List.of(ECHO)).pending()).isEmpty();
    }

    @Test
    void closesTheOpenStreamWhenItIsCancelled() {
        ScriptedStream answer = ScriptedStream.text("Hello");
        provider.answer(answer);
        ModelStream open = turn.open(turn.request());
        assertThat(turn.cancelled()).isFalse();

        turn.cancel();

        assertThat(turn.cancelled()).isTrue();
        assertThat(open).isSameAs(answer);
        assertThat(answer.closes()).isEqualTo(1);
        assertThatThrownBy(() -> turn.callTools(List.of(ECHO)))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThatThrownBy(() -> turn.open(turn.request())).isInstanceOf(LlmgineException.class);
    }

    @Test
    void isCancelledBeforeItBegins() {
        turn.cancel();

        assertThat(turn.cancelled()).isTrue();
    }
}
