package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

/** What becomes of a call whose model has others behind it. */
class FallBackTest {
    private final TestHost host = new TestHost();
    private final ScriptedProvider first = new ScriptedProvider(new ModelInfo("m", Set.of(ModelInfo.TOOLS)));
    private final ScriptedProvider second = new ScriptedProvider();
    private final ScriptedProvider third = new ScriptedProvider();

    @BeforeEach
    void chain() {
        host.set("retries", 0).set("defaultModel", "first/m second/m third/m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "provider_error",
                "timeout",
                "rate_limited",
                "overloaded",
                "unavailable",
                "provider_auth",
                "plugin_failed",
                "model_not_found",
                "context_too_long",
                "unsupported_field"
            })
    void theNextModelServesWhatTheFirstCanNot(String code) {
        Instance<HostedProvider> one = host.add("first", first.refuse(failure(code)));
        Instance<HostedProvider> two = host.add("second", second.answer(ScriptedStream.text("hi")));
        host.add("single-pass", new TestPlugins.RelayEngine());
        List<StreamEvent> events = new ArrayList<>();

        TurnSummary summary = host.run(request("default"), events::add);

        assertThat(summary.model()).isEqualTo("second/m");
        assertThat(events).startsWith(new ModelStarted("second/m"), new TextDelta("hi"));
        assertThat(one.leases()).isZero();
        TestHost.await(() -> two.leases() == 0);
        assertThat(third.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_request", "content_refused", "cancelled", "internal"})
    void whatNoModelWouldDoBetterIsToldAtOnce(String code) {
        host.add("first", first.refuse(failure(code)));
        host.add("second", second.answer(ScriptedStream.text("never")));

        assertFails(code, "Failed with " + code + ".");
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void eachModelIsRetriedBeforeTheNextOneIsAsked() {
        host.set("retries", 1);
        host.add("first", first.refuse(failure("provider_error")).refuse(failure("provider_error")));
        host.add("second", second.refuse(failure("rate_limited")).answer(ScriptedStream.text("hi")));

        assertThat(open().target().fullName()).isEqualTo("second/m");
        assertThat(first.requests()).hasSize(2);
        assertThat(second.requests()).hasSize(2);
    }

    @Test
    void aPauseTooLongForARetryIsNoReasonToWait() {
        host.set("retries", 2);
        host.add("first", first.refuse(failure("rate_limited").withRetryAfter(Duration.ofMinutes(1))));
        host.add("second", second.answer(ScriptedStream.text("hi")));

        assertThat(open().target().fullName()).isEqualTo("second/m");
        assertThat(first.requests()).hasSize(1);
    }

    @Test
    void theLastFailureIsToldWithWhatElseWasTried() {
        host.set("defaultModel", "first/m absent/m second/m third/m");
        host.add("first", first.refuse(failure("provider_auth")));
        host.add("second", second.refuse(failure("provider_error")));
        host.add(
                "third",
                third.refuse(failure("rate_limited")
                        .withHint("Wait.")
                        .withField("model")
                        .withRetryAfter(Duration.ofSeconds(7))));

        assertThatThrownBy(this::open).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
            assertThat(e)
                    .hasMessage("Failed with rate_limited. Also tried: first/m (provider_auth), absent/m"
                            + " (model_not_found), second/m (provider_error).");
            assertThat(e.hint()).contains("Wait.");
            assertThat(e.field()).contains("model");
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(7));
        });
    }

    @Test
    void aStreamThatBreaksAfterItsFirstEventIsNotContinuedByAnother() {
        host.add(
                "first",
                first.answer(new ScriptedStream().then(new TextDelta("a")).thenFail(failure("provider_error"))));
        host.add("second", second.answer(ScriptedStream.text("never")));

        try (GuardedStream stream = open().stream()) {
            stream.next();
            assertThatThrownBy(stream::next).hasMessage("Failed with provider_error.");
        }
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void aModelThatIsLeftAloneIsPassedBy() {
        host.set("breakerFailures", 1);
        host.add("first", first.refuse(failure("provider_error")));
        host.add("second", second.answer(ScriptedStream.text("a")).answer(ScriptedStream.text("b")));

        open().stream().close();
        open().stream().close();

        assertThat(first.requests()).hasSize(1);
        assertThat(second.requests()).hasSize(2);
    }

    @Test
    void aModelThatTakesNoSuchRequestIsPassedByAndNeverTheReason() {
        host.add("first", first.refuse(failure("timeout")));
        host.add("second", new ScriptedProvider(new ModelInfo("m", Set.of())));
        host.set("defaultModel", "first/m second/m");
        ModelRequest withTools = request("default").toBuilder()
                .tools(List.of(new ToolSpec("t", "", "{}", false)))
                .build();

        assertThatThrownBy(() -> open(withTools))
                .hasMessage("Failed with timeout. Also tried: second/m (unsupported_field).");
        host.set("defaultModel", "second/m");
        assertThatThrownBy(() -> open(withTools)).hasMessage("The model 'second/m' doesn't take tools.");
    }

    @Test
    void nobodyWaitsForAnAbsentModelWhileAnotherServes() {
        host.set("successorWaitMs", 600_000L);
        Instance<HostedProvider> gone = host.add("first", first);
        host.add("second", second.answer(ScriptedStream.text("hi")));
        host.providers.remove("first", gone.origin().serviceId());

        assertThat(open().target().fullName()).isEqualTo("second/m");
    }

    @Test
    void anAbsentModelIsWaitedForWhenNobodyElseServes() throws Exception {
        host.set("successorWaitMs", 600_000L);
        Instance<HostedProvider> gone = host.add("first", first);
        ScriptedStream silent = new ScriptedStream().thenWait().thenFail(failure("provider_error"));
        host.add("second", second.answer(silent));
        host.providers.remove("first", gone.origin().serviceId());
        CompletableFuture<Models.Opened> opening = TestHost.async(this::open);
        silent.awaitWaiting();
        silent.release();

        host.add("first", first.answer(ScriptedStream.text("back")));

        assertThat(opening.get(10, TimeUnit.SECONDS).target().fullName()).isEqualTo("first/m");
    }

    @Test
    void anAbsentModelThatDoesNotComeBackIsTheLastFailure() {
        Instance<HostedProvider> gone = host.add("first", first);
        host.add("second", second.refuse(failure("provider_error")));
        host.providers.remove("first", gone.origin().serviceId());
        host.set("defaultModel", "first/m second/m");

        assertFails(
                "unavailable",
                "The provider 'first' is not available: no version of it is active. Also tried: second/m"
                        + " (provider_error).");
    }

    @Test
    void eachModelHasItsOwnTimeToTheFirstEvent() throws Exception {
        ScriptedStream one = new ScriptedStream().thenWait();
        ScriptedStream two =
                new ScriptedStream().thenWait().then(new TextDelta("late")).then(new Finish("stop"));
        host.add("first", first.answer(one));
        host.add("second", second.answer(two));
        CompletableFuture<Models.Opened> opening = TestHost.async(this::open);
        one.awaitWaiting();
        host.pass(120_001);
        two.awaitWaiting();
        host.pass(119_000);
        assertThat(opening).isNotDone();
        two.release();

        try (GuardedStream stream = opening.get(10, TimeUnit.SECONDS).stream()) {
            assertThat(stream.next()).isEqualTo(new TextDelta("late"));
            host.pass(1_800_000 - 239_001);
            assertThat(stream.next()).isEqualTo(new Finish("stop"));
        }
    }

    @Test
    void allModelsTogetherHaveTheTimeOfOneCall() throws Exception {
        host.set("streamTimeoutMs", 200_000L);
        ScriptedStream one = new ScriptedStream().thenWait();
        ScriptedStream two = new ScriptedStream().thenWait();
        host.add("first", first.answer(one));
        host.add("second", second.answer(two));
        host.add("third", third.answer(ScriptedStream.text("never")));
        CompletableFuture<Models.Opened> opening = TestHost.async(this::open);
        one.awaitWaiting();
        host.pass(120_001);
        two.awaitWaiting();
        host.pass(80_000);

        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS))
                .hasMessageContaining("The provider 'second' didn't end within 200000 ms.")
                .hasMessageContaining("Also tried: first/m (timeout).");
        assertThat(third.requests()).isEmpty();
    }

    @Test
    void whoLeavesIsNotServedByTheNext() throws Exception {
        ScriptedStream silent = new ScriptedStream().thenWait();
        host.add("first", first.answer(silent));
        host.add("second", second.answer(ScriptedStream.text("never")));
        CompletableFuture<Models.Opened> opening = TestHost.async(this::open);
        silent.awaitWaiting();

        host.cancellation.cancel(failure("timeout"));

        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS)).hasMessageContaining("Failed with timeout.");
        assertThat(second.requests()).isEmpty();
    }

    private Models.Opened open() {
        return open(request("default"));
    }

    private Models.Opened open(ModelRequest request) {
        return host.models.open(host.models.resolve(request.model()), request, host.cancellation);
    }

    private void assertFails(String code, String message) {
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code().name()).isEqualTo(code))
                .hasMessage(message);
    }

    private static ModelRequest request(String model) {
        return ModelRequest.builder(model).messages(List.of(Message.user("Hi"))).build();
    }

    private static LlmgineException failure(String code) {
        boolean retryable = Set.of("provider_error", "timeout", "rate_limited", "overloaded", "unavailable")
                .contains(code);
        return new LlmgineException(new ErrorCode(code, retryable), "Failed with " + code + ".");
    }
}
