package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;

/**
 * What every tool has to do. A plugin's test class extends it; what its tool can't do, it says by a method that returns
 * {@code false}.
 *
 * @param <A> the tool's arguments
 */
public abstract class ToolContract<A> {
    private static final int AT_ONCE = 8;

    /** Make the tool as it is after its activation; a new one each time. */
    protected abstract Tool<A> newTool();

    /** Return arguments for which the tool gives a result that is no error. */
    protected abstract A validArguments();

    /**
     * Return arguments of the right type that the tool refuses, each with a word that its error has to contain: the name of the
     * argument or the value that is wrong.
     */
    protected Map<A, String> invalidArguments() {
        throw new AssertionError("Override invalidArguments(), or let refusesArguments() return false.");
    }

    /** Return arguments of the call that takes longest: it is interrupted. */
    protected A longArguments() {
        return validArguments();
    }

    /** Call the method of the component that is marked {@code @Deactivate}, if it has one. */
    protected void deactivate(Tool<A> tool) {
        // Many have none.
    }

    /** Tell whether some arguments of the right type are refused. */
    protected boolean refusesArguments() {
        return true;
    }

    /** Return within what time that must have happened which happens at once. */
    protected Duration patience() {
        return Duration.ofSeconds(5);
    }

    /** The host takes the definition, and a model can do something with it. */
    @Test
    void isDefinedAsTheHostTakesIt() {
        ToolDefinition<A> definition = newTool().definition();

        assertThat(definition.name()).as("the tool's name").matches("[A-Za-z0-9_-]{1,64}");
        assertThat(definition.description())
                .as("the description, by which a model decides")
                .isNotBlank();
        definition
                .timeout()
                .ifPresent(timeout -> assertThat(timeout).as("the time limit").isPositive());
        Class<?> type = definition.argumentsType();
        assertThat(type.isRecord() || type == Map.class && definition.schema().isPresent())
                .as("whether the arguments are a record, or a Map with a schema, and not " + type.getName())
                .isTrue();
        definition.schema().ifPresent(ToolContract::checkSchema);
    }

    private static void checkSchema(String schema) {
        JsonNode root;
        try {
            root = JsonMapper.builder().build().readTree(schema);
        } catch (JsonProcessingException e) {
            throw new AssertionError("The schema is not valid JSON: " + e.getOriginalMessage(), e);
        }
        assertThat(root.path("type").asText()).as("the schema's type").isEqualTo("object");
        JsonNode properties = root.path("properties");
        assertThat(properties)
                .as("the schema's properties, each a schema")
                .allSatisfy(property ->
                        assertThat(property.isObject() || property.isBoolean()).isTrue());
        List<String> required = StreamSupport.stream(root.path("required").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        assertThat(required)
                .as("the schema's required properties, which have to be described")
                .allSatisfy(name -> assertThat(properties.has(name)).as(name).isTrue());
    }

    /** The definition is asked for once per instance, on a thread that others wait for. */
    @Test
    void isDefinedAtOnceAndAlwaysTheSame() throws InterruptedException {
        Tool<A> tool = newTool();

        ToolDefinition<A> first =
                Call.virtual("definition()", tool::definition).await(patience()).value();

        assertThat(tool.definition())
                .as("the definition when it is asked for again")
                .isEqualTo(first);
        assertThat(newTool().definition())
                .as("the definition of another instance")
                .isEqualTo(first);
    }

    /** Valid arguments have a result. */
    @Test
    void answersValidArguments() throws InterruptedException {
        Tool<A> tool = newTool();

        checkAnswer(Call.platform("the call", () -> tool.call(validArguments(), context()))
                .await(patience())
                .value());
    }

    private static void checkAnswer(ToolResult result) {
        assertThat(result).as("the result").isNotNull();
        assertThat(result.isError())
                .as("whether it is an error: " + text(result))
                .isFalse();
        assertThat(result.content()).as("what the model is shown").isNotEmpty();
    }

    /** An error tells the model what was wrong. */
    @Test
    void refusesInvalidArgumentsByName() throws InterruptedException {
        assumeTrue(refusesArguments(), "The tool refuses nothing.");
        Tool<A> tool = newTool();

        Map<A, String> invalid = invalidArguments();
        assertThat(invalid).as("the invalid arguments").isNotEmpty();
        for (Map.Entry<A, String> each : invalid.entrySet()) {
            Call.Outcome<ToolResult> outcome = Call.platform(
                            "the call with " + each.getKey(), () -> tool.call(each.getKey(), context()))
                    .await(patience());
            String told = outcome.failure()
                    .map(thrown -> String.valueOf(thrown.getMessage()))
                    .orElseGet(() -> error(outcome.value()));
            assertThat(told).as("the error for " + each.getKey()).contains(each.getValue());
            assertThat(told).as("the error, which a model reads").doesNotContain("\tat ", "Exception");
        }
    }

    private static String error(ToolResult result) {
        assertThat(result.isError())
                .as("whether it is an error: " + text(result))
                .isTrue();
        return text(result);
    }

    private static String text(ToolResult result) {
        return result.content().stream().map(ToolContract::text).collect(Collectors.joining());
    }

    private static String text(ContentPart part) {
        return part instanceof TextPart text ? text.text() : "";
    }

    /** The calls of one answer run in parallel, and those of many turns. */
    @Test
    void servesManyCallsAtOnce() throws InterruptedException {
        Tool<A> tool = newTool();
        List<Call<ToolResult>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            A arguments = validArguments();
            calls.add(Call.platform("a call beside others", () -> tool.call(arguments, context())));
            calls.add(Call.virtual("a call beside others", () -> tool.call(arguments, context())));
        }
        for (Call<ToolResult> call : calls) {
            checkAnswer(call.await(patience()).value());
        }
    }

    /** An interrupt ends a call, at the deadline or when the caller leaves; how it ends, nobody reads. */
    @Test
    void endsWhenItIsInterrupted() throws InterruptedException {
        Tool<A> tool = newTool();
        A arguments = longArguments();
        ToolContext context = new FakeToolContext(
                new FakeToolContext().principal(), "turn", "call", Instant.now().minusMillis(1), true);

        Call<ToolResult> call = Call.platform("the interrupted call", () -> {
            Thread.currentThread().interrupt();
            return tool.call(arguments, context);
        });
        Call<ToolResult> waiting = Call.platform("the call that is interrupted", () -> tool.call(arguments, context()));
        waiting.awaitWaiting(patience());
        waiting.interrupt();

        call.await(patience());
        waiting.await(patience());
    }

    /** A swap must let the former version's classes go. */
    @Test
    void leavesNothingBehind() throws InterruptedException {
        Leftovers.check(this::newTool, tool -> tool.call(validArguments(), context()), this::deactivate, patience());
    }

    private ToolContext context() {
        FakeToolContext plain = new FakeToolContext();
        return new FakeToolContext(
                plain.principal(), plain.turnId(), plain.callId(), Instant.now().plus(patience()), false);
    }
}
