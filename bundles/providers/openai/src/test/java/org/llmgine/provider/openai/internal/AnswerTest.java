package org.llmgine.provider.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.llmgine.provider.openai.internal.FakeBackend.DONE;
import static org.llmgine.provider.openai.internal.FakeBackend.delta;
import static org.llmgine.provider.openai.internal.FakeBackend.event;
import static org.llmgine.provider.openai.internal.FakeBackend.finish;
import static org.llmgine.provider.openai.internal.FakeBackend.text;
import static org.llmgine.provider.openai.internal.Streams.events;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/** What back-ends answer, and the events that it becomes. */
class AnswerTest {
    private static final Finish STOP = new Finish("stop");

    @Test
    void textReasoningAndRefusalAreToldApart() {
        assertThat(events(
                        delta("{\"role\":\"assistant\",\"content\":\"\"}"),
                        delta("{\"reasoning_content\":\"Let\"}"),
                        delta("{\"reasoning_content\":\" me\",\"content\":null}"),
                        delta("{\"reasoning\":\" think\"}"),
                        delta("{\"reasoning\":\" twice\",\"reasoning_content\":\" twice\"}"),
                        text("Well"),
                        delta("{\"refusal\":\"No.\"}"),
                        delta(
                                "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]},"
                                        + "{\"type\":\"text\",\"text\":\"Ah\"}]}"),
                        finish("stop"),
                        DONE))
                .containsExactly(
                        new ReasoningDelta("Let"),
                        new ReasoningDelta(" me"),
                        new ReasoningDelta(" think"),
                        new ReasoningDelta(" twice"),
                        new TextDelta("Well"),
                        new RefusalDelta("No."),
                        new ReasoningDelta("Hm"),
                        new TextDelta("Ah"),
                        STOP);
    }

    @Property(tries = 300)
    void anyTextComesAsItWasSent(@ForAll List<String> texts) {
        List<String> pieces = new ArrayList<>();
        for (String text : texts) {
            String clean = new String(
                    text.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8);
            pieces.add(text(String.valueOf(JsonStringEncoder.getInstance().quoteAsString(clean))));
        }
        pieces.add(finish("stop"));

        String joined = events(pieces.toArray(String[]::new)).stream()
                .filter(TextDelta.class::isInstance)
                .map(event -> ((TextDelta) event).text())
                .collect(Collectors.joining());

        assertThat(joined.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(String.join("", texts).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void aChunkThatOnlyLooksLikeTheOneBeforeIsReadInFull() {
        assertThat(events(
                        text("a"),
                        text("b\\n\\t\\\"\\\\\\/\\r"),
                        text("\\u00e9\\b"),
                        text("c\",\"refusal\":\"d"),
                        delta("{\"content\":\"e\",\"audio\":{\"id\":\"x\"}}"),
                        text(""),
                        text("f"),
                        finish("stop")))
                .containsExactly(
                        new TextDelta("a"),
                        new TextDelta("b\n\t\"\\/\r"),
                        new TextDelta("é\b"),
                        new TextDelta("c"),
                        new RefusalDelta("d"),
                        new TextDelta("e"),
                        new ExtensionUpdate(ExtensionUpdate.MESSAGE, Map.of("audio", Map.of("id", "x"))),
                        new TextDelta("f"),
                        STOP);
    }

    @Test
    void piecesOfInterleavedCallsAreToldByIndex() {
        assertThat(calls(
                        "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}",
                        "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\"}}",
                        "{\"index\":0,\"function\":{\"arguments\":\"{}\"}}",
                        "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"}\"}}",
                        "{\"index\":1,\"function\":{\"arguments\":null}}"))
                .containsExactly(
                        new ToolCallDelta(0, "a", "f", ""),
                        new ToolCallDelta(1, "b", "g", "{"),
                        new ToolCallDelta(0, "", "", "{}"),
                        new ToolCallDelta(1, "", "", "}"));
    }

    @Test
    void wholeCallsInOneChunkWithOneIndexAreTwo() {
        assertThat(calls("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
                        + "{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":{\"x\":1}}}"))
                .containsExactly(new ToolCallDelta(0, "a", "f", "{}"), new ToolCallDelta(1, "b", "f", "{\"x\":1}"));
    }

    @Test
    void missingIndexesAreFoundOutAndMissingIdsMadeUp() {
        List<ToolCallDelta> calls = calls(
                "{\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}",
                "{\"function\":{\"arguments\":\"}\"}}",
                "{\"function\":{\"name\":\"g\"}},{\"function\":{\"name\":\"h\",\"arguments\":\"1\"}}",
                "{\"id\":\"x\",\"function\":{\"name\":\"i\"}}",
                "{\"id\":\"x\",\"function\":{\"arguments\":\"2\"}}",
                "{}");

        assertThat(calls).extracting(ToolCallDelta::index).containsExactly(0, 0, 1, 2, 3, 3);
        assertThat(calls).extracting(ToolCallDelta::name).containsExactly("f", "", "g", "h", "i", "");
        assertThat(calls).extracting(ToolCallDelta::arguments).containsExactly("{", "}", "", "1", "", "2");
        assertThat(calls.get(0).id())
                .matches("call_[0-9a-f]{32}")
                .isNotEqualTo(calls.get(2).id());
        assertThat(calls.get(1).id()).isEmpty();
        assertThat(calls.get(4).id()).isEqualTo("x");
    }

    @Test
    void aCallIsToldWhenItsNameIsThereAndOneWithoutIsAnError() {
        assertThat(calls(
                        "{\"index\":3,\"id\":\"a\",\"function\":{\"arguments\":\"{\"}}",
                        "{\"index\":3,\"function\":{\"name\":\"f\",\"arguments\":\"}\"}}"))
                .containsExactly(new ToolCallDelta(0, "a", "f", "{}"));
        assertFails(
                e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR);
                    assertThat(e).hasMessageContaining("without its name");
                },
                delta("{\"tool_calls\":[{\"index\":0,\"id\":\"a\"}]}"),
                finish("tool_calls"));
    }

    @Test
    void thereIsAnEndToTheCallsOfAnAnswer() {
        String calls = IntStream.range(0, 1_025)
                .mapToObj(i -> "{\"index\":" + i + ",\"function\":{\"name\":\"f\"}}")
                .collect(Collectors.joining(","));

        assertFails(
                e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
                    assertThat(e).hasMessageContaining("more than 1024 tool calls");
                },
                delta("{\"tool_calls\":[" + calls + "]}"));
    }

    @Test
    void theOldFormOfACallIsRead() {
        assertThat(events(
                        delta("{\"function_call\":{\"name\":\"f\",\"arguments\":\"{\"}}"),
                        delta("{\"function_call\":{\"arguments\":\"}\"}}"),
                        finish("function_call"),
                        DONE))
                .satisfies(events -> {
                    assertThat(events.get(0))
                            .isInstanceOfSatisfying(
                                    ToolCallDelta.class,
                                    call -> assertThat(call.name()).isEqualTo("f"));
                    assertThat(events.get(1)).isEqualTo(new ToolCallDelta(0, "", "", "}"));
                    assertThat(events.get(2)).isEqualTo(new Finish("tool_calls"));
                });
    }

    @Test
    void usageIsReadInEveryForm() {
        assertThat(usage(
                        "{\"prompt_tokens\":10,\"completion_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":3},"
                                + "\"completion_tokens_details\":{\"reasoning_tokens\":2}}"))
                .isEqualTo(new Usage(10, 4, 3, 2));
        assertThat(usage("{\"prompt_tokens\":10,\"completion_tokens\":4,\"prompt_cache_hit_tokens\":6}"))
                .isEqualTo(new Usage(10, 4, 6, 0));
        assertThat(usage("{\"prompt_tokens\":10,\"completion_tokens\":4,\"cached_tokens\":1,\"reasoning_tokens\":2}"))
                .isEqualTo(new Usage(10, 4, 1, 2));
        assertThat(events(
                        event("{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\",\"usage\":"
                                + "{\"prompt_tokens\":1,\"completion_tokens\":2}}],\"usage\":null}"),
                        DONE))
                .containsExactly(new TextDelta("a"), new UsageUpdate(new Usage(1, 2)), STOP);
    }

    @Test
    void absurdUsageStaysCountable() {
        long most = Long.MAX_VALUE;
        Usage usage = usage("{\"prompt_tokens\":" + most + ",\"completion_tokens\":1e300}");

        assertThat(usage.plus(usage).totalTokens()).isPositive();
        assertThat(usage("{\"prompt_tokens\":-1,\"completion_tokens\":\"7\"}")).isEqualTo(Usage.NONE);
    }

    @Test
    void theLastUsageCounts() {
        String chunk = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":5,"
                + "\"completion_tokens\":%d}}";

        assertThat(events(event(chunk.formatted(1)), event(chunk.formatted(2)), finish("length"), DONE))
                .containsExactly(
                        new TextDelta("a"), new TextDelta("a"), new UsageUpdate(new Usage(5, 2)), new Finish("length"));
    }

    @Test
    void whatOnlySomeBackEndsKnowIsPassedOnOnceItChanges() {
        String chunk = "{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
                + "\"obfuscation\":\"%s\",\"system_fingerprint\":\"%s\",\"service_tier\":null,\"choices\":[{\"index\":0,"
                + "\"delta\":{\"role\":\"assistant\",\"content\":\"%s\",\"annotations\":[]%s},\"logprobs\":%s,\"finish_reason\":null}]}";

        assertThat(events(
                        event(chunk.formatted("x", "fp1", "", "", "null")),
                        event(chunk.formatted("y", "fp1", "a", "", "null")),
                        event(chunk.formatted("z", "fp1", "b", ",\"reasoning_details\":[{\"n\":1.5}]", "null")),
                        event(chunk.formatted("z", "fp2", "c", "", "{\"content\":[{\"logprob\":-1,\"top\":true}]}")),
                        finish("stop"),
                        DONE))
                .containsExactly(
                        new TextDelta("a"),
                        new ExtensionUpdate(ExtensionUpdate.ANSWER, Map.of("system_fingerprint", "fp1")),
                        new TextDelta("b"),
                        new ExtensionUpdate(
                                ExtensionUpdate.MESSAGE, Map.of("reasoning_details", List.of(Map.of("n", 1.5)))),
                        new TextDelta("c"),
                        new ExtensionUpdate(
                                ExtensionUpdate.CHOICE,
                                Map.of("logprobs", Map.of("content", List.of(Map.of("logprob", -1, "top", true))))),
                        new ExtensionUpdate(ExtensionUpdate.ANSWER, Map.of("system_fingerprint", "fp2")),
                        STOP);
    }

    @Test
    void anAnswerIsWholeWithItsReasonAndWithoutItsMark() {
        assertThat(events(text("a"), finish("content_filter"))).endsWith(new Finish("content_filter"));
        assertThat(events(text("a"), DONE)).endsWith(STOP);
        assertThat(events(text("a"), "data:  [DONE] \n\n", "data: whatever\n\n"))
                .endsWith(STOP);
        assertThat(events(delta("{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}"), DONE))
                .endsWith(new Finish("tool_calls"));
        assertThat(events(text("a"), "data: [DONE]")).endsWith(STOP);
        assertThat(events("\n\n: ping\n\ndata: \n\n", text("a"), finish("stop"), DONE))
                .containsExactly(new TextDelta("a"), STOP);
    }

    @Test
    void anAnswerThatBreaksOffIsNeverWhole() {
        Consumer<LlmgineException> brokeOff = e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR);
            assertThat(e).hasMessage("The back-end's answer broke off.");
        };
        assertFails(brokeOff, text("a"));
        assertFails(brokeOff, text("a"), "data: {\"choices\":[{\"delta\":{\"conte");
        assertFails(brokeOff);
        assertFails(e -> assertThat(e).hasMessageContaining("ended with an error"), text("a"), finish("error"), DONE);
    }

    @Test
    void whatIsNoChatCompletionIsSaidToBeNone() {
        for (String data : List.of("nonsense", "7", "{\"choices\":[}", "\"text\"")) {
            assertFails(
                    e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR);
                        assertThat(e).hasMessageContaining("no chat completion");
                    },
                    event(data),
                    DONE);
        }
        assertFails(e -> assertThat(e).hasMessageContaining("no chat completion"), "{\"hello\":1}");
        assertFails(e -> assertThat(e).hasMessageContaining("no chat completion"), "[1]");
    }

    @Test
    void errorsInTheMidstEndTheAnswerInTheBackEndsWords() {
        assertFails(
                e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR);
                    assertThat(e).hasMessage("The back-end backend.test broke off its answer: GPU on fire.");
                },
                text("a"),
                event("{\"error\":{\"message\":\"GPU on fire\",\"type\":\"server_error\"}}"));
        assertFails(
                e -> assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED),
                event("{\"error\":{\"message\":\"Slow\",\"code\":429},\"choices\":[{\"finish_reason\":\"error\"}]}"));
        assertFails(e -> assertThat(e).hasMessageEndingWith(": it broke."), "event: error\ndata: it broke\n\n");
        assertFails(
                e -> assertThat(e).hasMessageEndingWith(": it broke."),
                "event: error\ndata: {\"message\":\"it broke\"}\n\n");
        assertFails(
                e -> assertThat(e).hasMessageEndingWith(": too old."),
                event("{\"object\":\"error\",\"message\":\"too old\"}"));
    }

    @Test
    void aPlainAnswerIsReadToo() {
        assertThat(
                        events(
                                " {\"id\":\"1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,",
                                "\"message\":{\"role\":\"assistant\",\"content\":\"Hi\",\"reasoning_content\":\"Hm\",\"tool_calls\":"
                                        + "[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},",
                                "\"finish_reason\":\"tool_calls\"},{\"index\":1}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}"))
                .containsExactly(
                        new TextDelta("Hi"),
                        new ToolCallDelta(0, "a", "f", "{}"),
                        new ReasoningDelta("Hm"),
                        new UsageUpdate(new Usage(1, 2)),
                        new Finish("tool_calls"));
        assertThat(events("{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}"))
                .containsExactly(new TextDelta("Hi"), STOP);
        assertFails(e -> assertThat(e).hasMessageEndingWith(": no."), "{\"error\":\"no\"}");
    }

    @Test
    void manyPiecesAreReadyAtOnce() {
        List<byte[]> bytes = List.of(
                (text("a") + text("b") + finish("stop") + DONE).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        try (ChatStream stream = Streams.over(Streams.LIMIT, bytes)) {
            List<StreamEvent> events = new ArrayList<>();
            while (stream.isReady() && !events.contains(STOP)) {
                events.add(stream.next());
            }

            assertThat(events).containsExactly(new TextDelta("a"), new TextDelta("b"), STOP);
            assertThatThrownBy(stream::next).hasMessageContaining("already ended");
        }
    }

    private static List<ToolCallDelta> calls(String... pieces) {
        List<String> chunks = new ArrayList<>();
        for (String piece : pieces) {
            chunks.add(delta("{\"tool_calls\":[" + piece + "]}"));
        }
        chunks.add(finish("tool_calls"));
        return events(chunks.toArray(String[]::new)).stream()
                .filter(ToolCallDelta.class::isInstance)
                .map(ToolCallDelta.class::cast)
                .toList();
    }

    private static Usage usage(String usage) {
        return events(text("a"), finish("stop"), event("{\"choices\":[],\"usage\":" + usage + "}"), DONE).stream()
                .filter(UsageUpdate.class::isInstance)
                .map(event -> ((UsageUpdate) event).usage())
                .findFirst()
                .orElseThrow();
    }

    private static void assertFails(Consumer<LlmgineException> check, String... pieces) {
        assertThatThrownBy(() -> events(pieces)).isInstanceOfSatisfying(LlmgineException.class, check);
    }
}
