package org.llmgine.provider.offline.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.model.ResponseFormat;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.testkit.FakeSettings;

@Timeout(20)
class OfflineModelProviderTest {
    private static final ToolSpec CALCULATOR =
            new ToolSpec("calculator", "Calculate an arithmetic expression.", """
            {"type":"object","properties":{"expression":{"type":"string"}},"required":["expression"]}""", false);
    private static final ToolSpec CLOCK = new ToolSpec("clock", "Tell the current date and time.", """
            {"type":"object","properties":{"zone":{"type":"string"}}}""", false);
    private static final ToolSpec WEATHER = new ToolSpec("get_weather", "Tell the weather of a place.", """
            {"type":"object","required":["location"],"properties":{
              "location":{"type":"string"},"unit":{"enum":["celsius","fahrenheit"]},"days":{"type":"integer"}}}""", false);

    private final OfflineModelProvider provider = new OfflineModelProvider(0);

    @Test
    void streamsWordByWordAndEndsWithUsageAndFinish() {
        List<StreamEvent> events = events(ask("Count to 3"));

        assertThat(events)
                .containsExactly(
                        new TextDelta("1 "),
                        new TextDelta("2 "),
                        new TextDelta("3"),
                        new UsageUpdate(new Usage(5, 3)),
                        new Finish(Finish.STOP));
    }

    @Test
    void offersOneModelThatTakesToolsAndSchemas() {
        assertThat(provider.models()).singleElement().satisfies(model -> {
            assertThat(model.name()).isEqualTo("demo");
            assertThat(model.capabilities()).containsExactlyInAnyOrder(ModelInfo.TOOLS, ModelInfo.STRUCTURED_OUTPUT);
        });
        ModelRequest other = ModelRequest.builder("gpt").build();
        assertThatThrownBy(() -> provider.open(other))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Hello!                                 | Hello! I am offline/demo
                    Who are you?                           | built into LLMgine
                    Who are you?                           | LLMGINE_DEFAULT_MODEL
                    What is LLMgine?                       | no live stream notices
                    Tell me about this host.               | Apache Karaf
                    How do I install a plugin?             | folder deploy of the host's data folder
                    How can I connect a real model?        | set OPENAI_API_KEY
                    Can I use GPT here?                    | set OPENAI_API_KEY
                    What can you do?                       | engine/tool-chat: What is 17*23?
                    Thanks                                 | You are welcome.
                    Goodbye                                | Goodbye!
                    What is 17*23?                         | I don't calculate by myself
                    Which tools do you have?               | I was given no tools
                    The cat sat on the mat.                | You said: "The cat sat on the mat." I know nothing about that.
                    """)
    void answersAboutItselfAndTheHost(String prompt, String part) {
        assertThat(answer(ask(prompt)).message().text()).contains(part);
    }

    @Test
    void saysTheSameEveryTime() {
        assertThat(events(ask("Who are you?"))).isEqualTo(events(ask("Who are you?")));
    }

    @Test
    void listsTheToolsThatItWasGiven() {
        assertThat(answer(ask("Which tools do you have?").tools(List.of(CALCULATOR, CLOCK)))
                        .message()
                        .text())
                .contains("- calculator: Calculate", "- clock: Tell");
    }

    @Test
    void repeatsOnlyTheBeginningOfALongPrompt() {
        assertThat(answer(ask("a".repeat(100_000))).message().text())
                .startsWith("You said: \"" + "a".repeat(200) + "…\"")
                .hasSizeLessThan(1_000);
    }

    @Test
    void callsAToolAndFinishesFromItsResult() {
        ModelRequest.Builder request = ask("What is 17*23?").tools(List.of(CLOCK, CALCULATOR));

        ModelAnswer first = answer(request);
        assertThat(first.finishReason()).isEqualTo(Finish.TOOL_CALLS);
        assertThat(first.message().toolCalls())
                .containsExactly(new ToolCall("call_1", "calculator", "{\"expression\":\"17*23\"}"));
        assertThat(first.usage()).isEqualTo(new Usage(19, 2));

        ModelAnswer second = answer(request.messages(
                List.of(Message.user("What is 17*23?"), first.message(), Message.tool("call_1", "391"))));
        assertThat(second.message().text()).isEqualTo("17*23 = 391 (calculated by the tool calculator)");
        assertThat(second.finishReason()).isEqualTo(Finish.STOP);
    }

    @Test
    void passesAToolsErrorOn() {
        ToolCall call = new ToolCall("call_1", "calculator", "{\"expression\":\"1/0\"}");

        assertThat(answer(ask("What is 1/0?")
                                .tools(List.of(CALCULATOR))
                                .messages(List.of(
                                        Message.user("What is 1/0?"),
                                        Message.assistant("", List.of(call)),
                                        Message.tool("call_1", "division by zero"))))
                        .message()
                        .text())
                .isEqualTo("The tool calculator answers: division by zero");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    What time is it?                             | clock       | {}
                    What's the date today?                       | clock       | {}
                    What is the current time in Tokyo?           | clock       | {"zone":"Asia/Tokyo"}
                    Which day is it in America/New York?         | clock       | {"zone":"America/New_York"}
                    What time is it in Atlantis?                 | clock       | {}
                    How much is 2 plus 3 times (4 minus 1)?      | calculator  | {"expression":"2 + 3 * (4 - 1)"}
                    15% of 80, please                            | calculator  | {"expression":"15/100*80"}
                    Compute round(sqrt(2), 3)                    | calculator  | {"expression":"round(sqrt(2), 3)"}
                    Is -3 × -4 ÷ 2 − 1 negative?                 | calculator  | {"expression":"-3 * -4 / 2 - 1"}
                    Is (3 x 4) more?                             | calculator  | {"expression":"(3 * 4)"}
                    What's the weather in Paris?                 | get_weather | {"location":"Paris"}
                    How will the weather be in New York, in celsius? | get_weather | {"location":"New York","unit":"celsius"}
                    Weather, location: "Rio", days: 3, unit=fahrenheit | get_weather | {"location":"Rio","unit":"fahrenheit","days":3}
                    Use the tool clock.                          | clock       | {}
                    Call calculator with {"expression":"1+1"} !  | calculator  | {"expression":"1+1"}
                    Please run get_weather with {broken          | get_weather | {"location":"Please run get_weather with {broken"}
                    """)
    void picksTheToolAndItsArguments(String prompt, String tool, String arguments) {
        assertThat(calls(ask(prompt).tools(List.of(CALCULATOR, CLOCK, WEATHER))))
                .containsExactly(new ToolCall("call_1", tool, arguments));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Was 2026-11-22 a Sunday?
                    Tell me a joke about 7 cats and 3 dogs (or 4)
                    What is a calculator?
                    It's about 7-ish
                    ((((7
                    7 * ) 3
                    --- 7
                    3 times a day
                    7, 8, 9
                    """)
    void callsNothingWhenThePromptAsksForNothing(String prompt) {
        assertThat(calls(ask(prompt).tools(List.of(CALCULATOR, WEATHER)))).isEmpty();
    }

    @Test
    void callsInParallelWhenItMay() {
        ModelRequest.Builder request =
                ask("What is 2*3, 4*5, and what time is it?").tools(List.of(CALCULATOR, CLOCK));

        assertThat(calls(request))
                .containsExactly(
                        new ToolCall("call_1", "calculator", "{\"expression\":\"2*3\"}"),
                        new ToolCall("call_2", "calculator", "{\"expression\":\"4*5\"}"),
                        new ToolCall("call_3", "clock", "{}"));
    }

    @Test
    void callsOneAfterTheOtherWhenItMust() {
        String prompt = "What is 2*3 and 4*5?";
        ModelRequest.Builder request = ask(prompt).tools(List.of(CALCULATOR)).parallelToolCalls(false);
        List<Message> messages = new ArrayList<>(List.of(Message.user(prompt)));
        List<String> asked = new ArrayList<>();

        ModelAnswer answer = answer(request);
        while (!answer.message().toolCalls().isEmpty()) {
            ToolCall call = answer.message().toolCalls().getFirst();
            asked.add(call.id() + call.arguments());
            messages.add(answer.message());
            messages.add(Message.tool(call.id(), String.valueOf(asked.size())));
            answer = answer(request.messages(messages));
        }

        assertThat(asked).containsExactly("call_1{\"expression\":\"2*3\"}", "call_2{\"expression\":\"4*5\"}");
        assertThat(answer.message().text()).contains("2*3 = 1", "4*5 = 2");
    }

    @Test
    void honoursTheToolChoice() {
        ModelRequest.Builder request = ask("What is 17*23?").tools(List.of(CLOCK, CALCULATOR));

        assertThat(calls(request.toolChoice(ToolChoice.NONE))).isEmpty();
        assertThat(calls(request.toolChoice(ToolChoice.REQUIRED)))
                .extracting(ToolCall::name)
                .containsExactly("calculator");
        assertThat(calls(request.toolChoice(ToolChoice.of("clock"))))
                .containsExactly(new ToolCall("call_1", "clock", "{}"));
        assertThat(calls(ask("Hello").tools(List.of(CALCULATOR)).toolChoice(ToolChoice.REQUIRED)))
                .containsExactly(new ToolCall("call_1", "calculator", "{\"expression\":\"Hello\"}"));
        assertThat(calls(ask("What is 1+1?").toolChoice(ToolChoice.REQUIRED))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"properties\":5}",
                "{\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\",\"maxLength\":-1}}}",
                "{\"allOf\":[{\"required\":[\"a\"]},{\"required\":5}]}",
                "5",
            })
    void refusesAToolWhoseSchemaIsMalformed(String parameters) {
        ToolSpec tool = new ToolSpec("look", "Look.", parameters, false);

        for (ToolChoice choice : List.of(ToolChoice.REQUIRED, ToolChoice.of("look"))) {
            assertThatThrownBy(() -> calls(ask("Hello").tools(List.of(tool)).toolChoice(choice)))
                    .hasMessageStartingWith("The schema of the tool 'look' ")
                    .isInstanceOfSatisfying(LlmgineException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                        assertThat(e.field()).contains("tools");
                    });
        }
    }

    @Test
    void makesABoundedNumberOfCalls() {
        String sums = IntStream.range(0, 100).mapToObj(i -> i + "+1").collect(Collectors.joining("; "));

        assertThat(calls(ask(sums).tools(List.of(CALCULATOR)))).hasSize(32);
    }

    @Test
    void stopsAtTheTokenLimit() {
        assertThat(events(ask("Count to 100").maxTokens(2)))
                .containsExactly(
                        new TextDelta("1 "),
                        new TextDelta("2 "),
                        new UsageUpdate(new Usage(5, 2)),
                        new Finish(Finish.LENGTH));
        assertThat(answer(ask("Count to 3").maxTokens(3)).finishReason()).isEqualTo(Finish.STOP);
        assertThat(answer(ask("What is 1+1?").tools(List.of(CALCULATOR)).maxTokens(1)))
                .satisfies(answer -> assertThat(answer.finishReason()).isEqualTo(Finish.LENGTH));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
                    3 4|1 2 |stop
                    2|1 |stop
                    x|1 2 3 4 5|stop
                    1||stop
                    """)
    void endsBeforeAStopText(String stop, String text, String finish) {
        ModelAnswer answer = answer(ask("Count to 5").stop(List.of("never", stop, "")));

        assertThat(answer.message().text()).isEqualTo(text == null ? "" : text);
        assertThat(answer.finishReason()).isEqualTo(finish);
    }

    @Test
    void answersWithAJsonObject() {
        assertThat(answer(ask("Count to 3").responseFormat(ResponseFormat.JSON_OBJECT))
                        .message()
                        .text()
                        .replaceAll("\\s", ""))
                .isEqualTo("{\"answer\":\"123\"}");
    }

    @Test
    void fillsASchemaInFromToolResults() {
        ToolCall call = new ToolCall("call_1", "calculator", "{\"expression\":\"17*23\"}");
        String schema = "{\"type\":\"object\",\"properties\":{\"result\":{\"type\":\"integer\"}}}";

        assertThat(answer(ask("").tools(List.of(CALCULATOR))
                                .messages(List.of(
                                        Message.user("What is 17*23?"),
                                        Message.assistant("", List.of(call)),
                                        Message.tool("call_1", "391")))
                                .responseFormat(new ResponseFormat("sum", schema, true)))
                        .message()
                        .text()
                        .replaceAll("\\s", ""))
                .isEqualTo("{\"result\":391}");
    }

    @Test
    void waitsBetweenWordsUntilItIsClosed() {
        OfflineModelProvider slow = new OfflineModelProvider(60_000);
        ModelStream stream = slow.open(ask("Count to 3").build());

        assertThat(stream.next()).isEqualTo(new TextDelta("1 "));
        CompletableFuture<StreamEvent> second = CompletableFuture.supplyAsync(stream::next, Thread::startVirtualThread);
        stream.close();
        stream.close();

        assertThatThrownBy(second::join).cause().satisfies(OfflineModelProviderTest::isCancelled);
        assertThatThrownBy(stream::next).satisfies(OfflineModelProviderTest::isCancelled);
    }

    @Test
    void endsAWaitWhenItsThreadIsInterrupted() {
        ModelStream stream =
                new OfflineModelProvider(60_000).open(ask("Count to 3").build());
        stream.next();

        Thread.currentThread().interrupt();
        assertThatThrownBy(stream::next).satisfies(OfflineModelProviderTest::isCancelled);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void takesItsDelayFromTheSettings() {
        OfflineModelProvider configured =
                new OfflineModelProvider(FakeSettings.of(OfflineSettings.class, Map.of("delayMs", 1)));

        assertThat(ModelAnswer.relay(configured.open(ask("Count to 3").build()), event -> {})
                        .message()
                        .text())
                .isEqualTo("1 2 3");
    }

    private static void isCancelled(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    private static ModelRequest.Builder ask(String prompt) {
        return ModelRequest.builder("demo").messages(List.of(Message.system("Be kind."), Message.user(prompt)));
    }

    private List<ToolCall> calls(ModelRequest.Builder request) {
        return answer(request).message().toolCalls();
    }

    private ModelAnswer answer(ModelRequest.Builder request) {
        return ModelAnswer.relay(provider.open(request.build()), event -> {});
    }

    private List<StreamEvent> events(ModelRequest.Builder request) {
        try (ModelStream stream = provider.open(request.build())) {
            List<StreamEvent> events = new ArrayList<>();
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof Finish));
            return events;
        }
    }
}
