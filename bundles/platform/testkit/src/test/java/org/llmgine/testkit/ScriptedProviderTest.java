package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;

@Timeout(10)
class ScriptedProviderTest {
    private static final Executor THREAD = Thread::startVirtualThread;
    private static final ModelRequest REQUEST = ModelRequest.builder("m").build();

    @Test
    void answersInTheOrderOfTheScriptAndKeepsTheRequests() {
        ToolCall call = new ToolCall("1", "clock", "{}");
        ModelInfo model = new ModelInfo("m", Set.of());
        ScriptedProvider provider = new ScriptedProvider(model)
                .answer(ScriptedStream.text("Hello you there"))
                .answer(ScriptedStream.calls(call));

        RecordingEmitter emitter = new RecordingEmitter();
        ModelAnswer first = ModelAnswer.relay(provider.open(REQUEST), emitter::emit);
        ModelAnswer second = ModelAnswer.relay(provider.open(REQUEST), event -> {});

        assertThat(emitter.events(TextDelta.class))
                .extracting(TextDelta::text)
                .containsExactly("Hello ", "you ", "there");
        assertThat(emitter.events()).hasSize(3);
        assertThat(emitter.text()).isEqualTo("Hello you there");
        assertThat(first.usage()).isEqualTo(new Usage(1, 3));
        assertThat(first.finishReason()).isEqualTo(Finish.STOP);
        assertThat(second.message().toolCalls()).containsExactly(call);
        assertThat(second.finishReason()).isEqualTo(Finish.TOOL_CALLS);
        assertThat(provider.requests()).containsExactly(REQUEST, REQUEST);
        assertThat(provider.models()).containsExactly(model);
    }

    @Test
    void failsBeyondTheScript() {
        ScriptedStream stream = new ScriptedStream();
        ScriptedProvider provider = new ScriptedProvider().answer(stream);

        assertThat(provider.open(REQUEST)).isSameAs(stream);
        assertCode(stream, ErrorCode.PROVIDER_ERROR);
        assertThatThrownBy(() -> provider.open(REQUEST)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void failsWhereTheScriptSaysSo() {
        RuntimeException failure = new IllegalArgumentException("no");
        ScriptedStream stream = new ScriptedStream().then(new TextDelta("a")).thenFail(failure);
        ScriptedProvider provider = new ScriptedProvider().refuse(failure);

        assertThat(stream.next()).isEqualTo(new TextDelta("a"));
        assertThatThrownBy(stream::next).isSameAs(failure);
        assertThatThrownBy(() -> provider.open(REQUEST)).isSameAs(failure);
    }

    @Test
    void waitsUntilItIsReleased() throws Exception {
        ScriptedStream stream = new ScriptedStream()
                .thenWait()
                .then(new TextDelta("a"))
                .thenWait()
                .then(new TextDelta("b"));

        CompletableFuture<List<StreamEvent>> pulled =
                CompletableFuture.supplyAsync(() -> List.of(stream.next(), stream.next()), THREAD);
        stream.awaitWaiting();
        assertThat(pulled).isNotDone();
        stream.release();
        stream.release();

        assertThat(pulled.get()).containsExactly(new TextDelta("a"), new TextDelta("b"));
    }

    @Test
    void endsAWaitWhenItIsClosed() throws Exception {
        ScriptedStream stream = new ScriptedStream().thenWait().then(new TextDelta("never"));

        CompletableFuture<StreamEvent> pulled = CompletableFuture.supplyAsync(stream::next, THREAD);
        stream.awaitWaiting();
        stream.close();

        assertThatThrownBy(pulled::join)
                .cause()
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(stream.closes()).isEqualTo(1);
    }

    @Test
    void endsAWaitWhenItsThreadIsInterrupted() {
        ScriptedStream stream = new ScriptedStream().thenWait();

        Thread.currentThread().interrupt();
        assertCode(stream, ErrorCode.CANCELLED);
        assertThat(Thread.interrupted()).isTrue();
    }

    private static void assertCode(ScriptedStream stream, ErrorCode code) {
        assertThatThrownBy(stream::next)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
