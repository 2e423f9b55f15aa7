package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/**
 * What every provider has to do. A plugin's test class extends it; what its provider can't do, it says by a method that returns
 * {@code false}.
 */
public abstract class ModelProviderContract {
    private static final int AT_ONCE = 8;
    private static final int MOST_EVENTS = 100_000;

    /** Make the provider as it is after its activation; a new one each time. */
    protected abstract ModelProvider newProvider();

    /** Return a request that is answered whole, in two events or more before the finish. Called for each request that is made. */
    protected abstract ModelRequest request();

    /** Return a request whose stream comes to wait, longer than {@link #patience()}, in {@code next()}. Called for each one. */
    protected ModelRequest waitingRequest() {
        throw new AssertionError("Override waitingRequest(), or let waits() return false.");
    }

    /** Return a request that fails, when it is opened or later: the back-end refuses it, or breaks off. */
    protected ModelRequest failingRequest() {
        throw new AssertionError("Override failingRequest(), or let fails() return false.");
    }

    /** Call the method of the component that is marked {@code @Deactivate}, if it has one. */
    protected void deactivate(ModelProvider provider) {
        // Some have none.
    }

    /** Tell whether a stream may have to wait. */
    protected boolean waits() {
        return true;
    }

    /** Tell whether a request may fail. */
    protected boolean fails() {
        return true;
    }

    /** Return within what time that must have happened which happens at once, and a whole answer has come. */
    protected Duration patience() {
        return Duration.ofSeconds(5);
    }

    /** The list is asked for often, and what it names can be asked. */
    @Test
    void listsItsModelsAtOnce() throws InterruptedException {
        ModelProvider provider = newProvider();

        List<ModelInfo> models =
                Call.virtual("models()", provider::models).await(patience()).value();

        assertThat(models)
                .as("the models; an empty list when they are not known")
                .isNotNull();
        List<String> names = models.stream().map(ModelInfo::name).toList();
        assertThat(names)
                .as("the models' names")
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(name).isNotBlank());
        if (!names.isEmpty() && !provider.takesUnlistedModels()) {
            assertThat(names)
                    .as("the models, as takesUnlistedModels() is false")
                    .contains(request().model());
        }
        deactivate(provider);
    }

    /** An answer is events in order: what belongs to it, the usage, the finish. */
    @Test
    void givesAnAnswerInOrder() throws InterruptedException {
        ModelProvider provider = newProvider();

        List<StreamEvent> events =
                answer("the answer", provider).await(patience()).value();

        assertThat(events).as("the answer's events, with the finish").hasSizeGreaterThan(2);
        assertThat(((Finish) events.getLast()).reason())
                .as("the finish's reason")
                .isNotBlank();
        checkUsage(events);
        checkToolCalls(events);
        deactivate(provider);
    }

    private static void checkUsage(List<StreamEvent> events) {
        List<StreamEvent> tail = events.stream()
                .dropWhile(event -> !(event instanceof UsageUpdate))
                .filter(event -> !(event instanceof UsageUpdate || event instanceof ExtensionUpdate))
                .toList();
        assertThat(tail.size()).as("the events after the usage: %s", tail).isLessThanOrEqualTo(1);
        for (StreamEvent event : events) {
            if (event instanceof UsageUpdate update) {
                Usage usage = update.usage();
                assertThat(List.of(
                                usage.inputTokens(),
                                usage.outputTokens(),
                                usage.cachedInputTokens(),
                                usage.reasoningTokens()))
                        .as("the tokens of %s", usage)
                        .allMatch(tokens -> tokens >= 0);
            }
        }
    }

    private static void checkToolCalls(List<StreamEvent> events) {
        Map<Integer, String> names = new TreeMap<>();
        for (StreamEvent event : events) {
            if (event instanceof ToolCallDelta delta) {
                names.merge(delta.index(), delta.name(), (known, name) -> known.isEmpty() ? name : known);
            }
        }
        assertThat(names.values())
                .as("the names of the tools that are called")
                .allSatisfy(name -> assertThat(name).isNotBlank());
    }

    /** Who looks whether something is there must not wait, and finds what was promised. */
    @Test
    void tellsTruthfullyWhatIsReady() throws InterruptedException {
        ModelProvider provider = newProvider();
        ModelStream stream = open(provider, request());

        StreamEvent event;
        do {
            boolean ready =
                    Call.virtual("isReady()", stream::isReady).await(patience()).value();
            Call<StreamEvent> next = Call.virtual("next() after isReady() = " + ready, stream::next);
            // Less than the whole, which an answer may take that isn't there yet, but enough for a busy machine.
            event = next.await(ready ? patience().dividedBy(2) : patience()).value();
        } while (!(event instanceof Finish));
        stream.close();
        deactivate(provider);
    }

    /** A close is how a stream is cancelled. */
    @Test
    void endsAWaitWhenAnotherThreadCloses() throws InterruptedException {
        assumeTrue(waits(), "The provider never waits.");
        ModelProvider provider = newProvider();
        Opened opened = openWaiting(provider);

        Call.virtual("close() beside a waiting next()", () -> {
                    opened.stream().close();
                    return true;
                })
                .await(patience())
                .value();

        opened.pulling().await(patience()).assertCancelled();
        deactivate(provider);
    }

    /** An interrupt ends the opening; and what has been opened before ends with a failure of the host's kind. */
    @Test
    void endsAWaitWhenItIsInterrupted() throws InterruptedException {
        assumeTrue(waits(), "The provider never waits.");
        ModelProvider provider = newProvider();
        Opened opened = openWaiting(provider);

        opened.pulling().interrupt();

        opened.pulling().await(patience()).typedFailure();
        opened.stream().close();

        ModelRequest request = waitingRequest();
        Call<Object> interrupted = Call.virtual("open() and next() on an interrupted thread", () -> {
            Thread.currentThread().interrupt();
            try (ModelStream stream = provider.open(request)) {
                return pull(stream);
            }
        });
        interrupted.await(patience()).typedFailure();
        deactivate(provider);
    }

    /** Whoever is in doubt closes once more. */
    @Test
    void takesACloseAtAnyTimeAndAsOftenAsOneLikes() throws InterruptedException {
        ModelProvider provider = newProvider();

        ModelStream unread = open(provider, request());
        close(unread);
        close(unread);
        Call.virtual("next() after close()", unread::next).await(patience()).assertCancelled();

        ModelStream half = open(provider, request());
        Call.virtual("next()", half::next).await(patience()).value();
        close(half);
        Call.virtual("next() after close()", half::next).await(patience()).assertCancelled();

        ModelStream whole = open(provider, request());
        Call.virtual("the answer", () -> pull(whole)).await(patience()).value();
        close(whole);
        close(whole);
        deactivate(provider);
    }

    /** A failure says what it is, in words that a caller may read. */
    @Test
    void failsWithACodeAndASentence() throws InterruptedException {
        assumeTrue(fails(), "No request fails.");
        ModelProvider provider = newProvider();
        ModelRequest request = failingRequest();

        LlmgineException failure = Call.virtual("the failing request", () -> {
                    try (ModelStream stream = provider.open(request)) {
                        return pull(stream);
                    }
                })
                .await(patience())
                .typedFailure();

        assertThat(failure.code())
                .as("the code of a failure that is the back-end's")
                .isNotIn(ErrorCode.PLUGIN_FAILED, ErrorCode.INTERNAL, ErrorCode.CANCELLED);
        assertThat(failure.getMessage())
                .as("the failure's message")
                .isNotBlank()
                .isNotEqualTo(failure.code().name())
                .doesNotContain("\tat ", "Exception");
        deactivate(provider);
    }

    /** Many turns ask one provider. */
    @Test
    void answersManyAtOnce() throws InterruptedException {
        ModelProvider provider = newProvider();
        List<Call<List<StreamEvent>>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            calls.add(answer("an answer beside others", provider));
        }
        for (Call<List<StreamEvent>> call : calls) {
            assertThat(call.await(patience()).value().getLast()).isInstanceOf(Finish.class);
        }
        deactivate(provider);
    }

    /** A swap must not break what is open. */
    @Test
    void letsAnOpenStreamEndAfterItsDeactivation() throws InterruptedException {
        ModelProvider provider = newProvider();
        ModelStream stream = open(provider, request());
        Call.virtual("next()", stream::next).await(patience()).value();

        Call.virtual("deactivation while a stream is open", () -> {
                    deactivate(provider);
                    return true;
                })
                .await(patience())
                .value();

        Call.virtual("the answer after the deactivation", () -> pull(stream))
                .await(patience())
                .value();
        close(stream);
    }

    /** A swap must let the former version's classes go. */
    @Test
    void leavesNothingBehind() throws InterruptedException {
        Leftovers.check(
                this::newProvider,
                provider -> {
                    provider.models();
                    try (ModelStream whole = provider.open(request())) {
                        pull(whole);
                    }
                    try (ModelStream begun = provider.open(request())) {
                        begun.next();
                    }
                },
                this::deactivate,
                patience());
    }

    private record Opened(ModelStream stream, Call<List<StreamEvent>> pulling) {}

    /** Open a stream and wait until its reader waits in next(). */
    private Opened openWaiting(ModelProvider provider) {
        AtomicReference<ModelStream> stream = new AtomicReference<>();
        ModelRequest request = waitingRequest();
        Call<List<StreamEvent>> pulling = Call.virtual("the waiting stream", () -> {
            ModelStream opened = provider.open(request);
            stream.set(opened);
            return pull(opened);
        });
        assertThat(Call.until(patience(), () -> stream.get() != null) && pulling.awaitWaiting(patience()))
                .as("whether the stream of waitingRequest() has come to wait within " + patience())
                .isTrue();
        return new Opened(Objects.requireNonNull(stream.get()), pulling);
    }

    private ModelStream open(ModelProvider provider, ModelRequest request) throws InterruptedException {
        return Call.virtual("open()", () -> provider.open(request))
                .await(patience())
                .value();
    }

    private void close(ModelStream stream) throws InterruptedException {
        Call.virtual("close()", () -> {
                    stream.close();
                    return true;
                })
                .await(patience())
                .value();
    }

    private Call<List<StreamEvent>> answer(String what, ModelProvider provider) {
        ModelRequest request = request();
        return Call.virtual(what, () -> {
            try (ModelStream stream = provider.open(request)) {
                return pull(stream);
            }
        });
    }

    /** Pull to the finish. */
    private static List<StreamEvent> pull(ModelStream stream) {
        List<StreamEvent> events = new ArrayList<>();
        do {
            events.add(stream.next());
            assertThat(events.getLast()).as("an event").isNotNull();
            assertThat(events.size())
                    .as("the number of events without a finish")
                    .isLessThan(MOST_EVENTS);
        } while (!(events.getLast() instanceof Finish));
        return events;
    }
}
