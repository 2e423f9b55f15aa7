package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.bus.Cancellation;

class ToolsTest {
    private static final Principal ANN = new Principal("ann", Set.of(Principal.USER));

    private final TestHost host = new TestHost();
    private final Cancellation cancellation = new Cancellation();

    @Test
    void aToolRunsOnAPlatformThreadOfItsPluginAndKnowsItsCall() {
        AtomicReference<ToolContext> seen = new AtomicReference<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicReference<ClassLoader> loader = new AtomicReference<>();
        host.set("toolTimeoutMs", 60_000L);
        host.add("math", new LambdaTool("t", (arguments, context) -> {
            seen.set(context);
            thread.set(Thread.currentThread());
            loader.set(Thread.currentThread().getContextClassLoader());
            return ToolResult.text("done");
        }));

        assertThat(call("t", "{}")).isEqualTo(ToolResult.text("done"));

        assertThat(thread.get()).isNotNull().satisfies(runner -> {
            assertThat(runner.isVirtual()).isFalse();
            assertThat(runner.isDaemon()).isTrue();
            assertThat(runner.getName()).isEqualTo("llmgine-tool-math-1");
        });
        assertThat(loader.get()).isSameAs(TestHost.class.getClassLoader());
        assertThat(seen.get())
                .isNotNull()
                .returns(ANN, ToolContext::principal)
                .returns("turn", ToolContext::turnId)
                .returns("c1", ToolContext::callId)
                .returns(false, ToolContext::cancelled)
                .satisfies(context -> assertThat(context.deadline())
                        .isBetween(Instant.now().plusSeconds(30), Instant.now().plusSeconds(60)));
        assertThat(host.hostedTools.list().getFirst().instance().orElseThrow())
                .satisfies(instance -> TestHost.await(() -> instance.leases() == 0));
    }

    @Test
    void whateverGoesWrongIsAResultThatTheModelReads() {
        host.add("bad", new LambdaTool("plain", (arguments, context) -> {
            throw new IllegalArgumentException("Division by zero.");
        }));
        host.add("bad", new LambdaTool("silent", (arguments, context) -> {
            throw new java.io.IOException();
        }));
        host.add("bad", new LambdaTool("hinting", (arguments, context) -> {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "No such zone.").withHint("Try UTC.");
        }));
        host.add("bad", new LambdaTool("linking", (arguments, context) -> {
            throw new NoClassDefFoundError("x/Y");
        }));
        host.add("bad", new LambdaTool("nothing", (arguments, context) -> nothing()));

        assertThat(call("plain", "{}")).isEqualTo(ToolResult.error("The tool 'plain' failed: Division by zero."));
        assertThat(call("silent", "{}")).isEqualTo(ToolResult.error("The tool 'silent' failed: IOException"));
        assertThat(call("hinting", "{}")).isEqualTo(ToolResult.error("No such zone. Try UTC."));
        assertThat(call("linking", "{}"))
                .isEqualTo(ToolResult.error("The tool 'linking' failed unexpectedly. The host's log has the cause."));
        assertThat(call("nothing", "{}")).isEqualTo(ToolResult.error("The tool 'nothing' gave no result."));
        assertThat(call("plain", "{oops").isError()).isTrue();
        assertThat(call("absent", "{}").isError()).isTrue();
        assertThat(host.hostedTools
                        .list()
                        .getFirst()
                        .instance()
                        .orElseThrow()
                        .figures()
                        .values())
                .containsEntry("errors", 1L);
    }

    @Test
    void aToolThatNeedsAnApprovalIsDeniedWhereNobodyCanGiveIt() {
        AtomicBoolean ran = new AtomicBoolean();
        host.add("careful", new Tool<Map<String, Object>>() {
            @Override
            public ToolDefinition<Map<String, Object>> definition() {
                return ToolDefinition.ofSchema("launch", "Launch it.", "{\"type\":\"object\"}")
                        .withTimeout(Duration.ofSeconds(1))
                        .withApproval();
            }

            @Override
            public ToolResult call(Map<String, Object> arguments, ToolContext context) {
                ran.set(true);
                return ToolResult.text("launched");
            }
        });

        assertThat(call("launch", "{}"))
                .isEqualTo(ToolResult.error("The tool 'launch' needs a person's approval, which this request can't wait"
                        + " for. Answer without it."));
        assertThat(ran).isFalse();
        assertThat(host.hostedTools.list().getFirst().instance().orElseThrow().leases())
                .isZero();
    }

    @Test
    void aToolThatTheModelWasNotOfferedIsNotRun() {
        AtomicBoolean ran = new AtomicBoolean();
        host.add("secret", new LambdaTool("secret", (arguments, context) -> {
            ran.set(true);
            return ToolResult.text("ran");
        }));
        Tools.Pending pending = host.tools.begin(
                new ToolCall("c", "secret", "{}"), List.of(), (tool, asks) -> {}, ANN, "turn", cancellation);

        assertThat(pending.await(cancellation).result().isError()).isTrue();
        assertThat(ran).isFalse();
    }

    @Test
    void aToolThatIsTooSlowIsInterruptedAndItsThreadServesAgain() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        host.set("toolThreads", 1).set("breakerFailures", 1000);
        host.add("slow", new LambdaTool("slow", Duration.ofMillis(20), (arguments, context) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                assertThat(context.cancelled()).isTrue();
                interrupted.countDown();
            }
            return ToolResult.text("late");
        }));
        host.add("slow", new LambdaTool("quick", (arguments, context) -> ToolResult.text("ok")));

        // A call may be over before its thread has begun; then nothing is interrupted yet.
        while (interrupted.getCount() > 0) {
            assertThat(call("slow", "{}")).isEqualTo(ToolResult.error("The tool 'slow' gave no result within 20 ms."));
        }
        TestHost.await(() -> host.tools.threads("slow").leftBehind().isEmpty());
        assertThat(call("quick", "{}")).isEqualTo(ToolResult.text("ok"));
    }

    @Test
    void aThreadThatIgnoresItsInterruptIsLeftBehindCountedAndReplaced() {
        AtomicBoolean inside = new AtomicBoolean();
        AtomicBoolean go = new AtomicBoolean();
        host.set("toolThreads", 1);
        host.add("spin", new LambdaTool("spin", (arguments, context) -> {
            inside.set(true);
            while (!go.get()) {
                Thread.onSpinWait();
            }
            return ToolResult.text("late");
        }));
        host.add("spin", new LambdaTool("quick", (arguments, context) -> ToolResult.text("ok")));

        Tools.Pending spinning = begin("spin", "{}");
        TestHost.await(inside::get);
        spinning.cancel();
        TestHost.await(() -> !host.tools.threads("spin").leftBehind().isEmpty());
        assertThat(host.tools.threads("spin").leftBehind())
                .singleElement()
                .asString()
                .startsWith("llmgine-tool-spin-");
        assertThat(host.metrics.getGauges().get("llmgine_tool_threads_stuck{plugin=\"spin\"}"))
                .isNotNull()
                .returns(1, gauge -> gauge.getValue());
        assertThat(call("quick", "{}")).isEqualTo(ToolResult.text("ok"));

        go.set(true);
        TestHost.await(() -> host.tools.threads("spin").leftBehind().isEmpty());
        assertThat(call("quick", "{}")).isEqualTo(ToolResult.text("ok"));
    }

    @Test
    void aToolThatFailsTooOftenInARowIsQuarantined() {
        AtomicInteger calls = new AtomicInteger();
        host.set("breakerFailures", 3);
        Instance<HostedTool> tool = host.add("bad", new LambdaTool("bad", (arguments, context) -> {
            if (calls.incrementAndGet() % 2 == 0) {
                throw new NoClassDefFoundError("gone");
            }
            throw new IllegalStateException("broken");
        }));
        for (int i = 0; i < 3; i++) {
            assertThat(call("bad", "{}").isError()).isTrue();
        }

        ToolResult refused = call("bad", "{}");

        assertThat(refused)
                .isEqualTo(ToolResult.error("The tool 'bad' failed too often and is left alone for a while; the last"
                        + " failure: The tool 'bad' failed: broken"));
        assertThat(calls).hasValue(3);
        TestHost.await(() -> tool.leases() == 0);
        assertThat(tool.quarantine())
                .hasValueSatisfying(text -> assertThat(text)
                        .matches("It failed too often and is left alone for \\d+ s; the last failure:"
                                + " The tool 'bad' failed: broken"));
    }

    @Test
    void aQuarantinedToolIsTriedAgainAndServesWhenItIsGood() {
        AtomicBoolean mended = new AtomicBoolean();
        host.set("breakerFailures", 1).set("breakerDelayMs", 1L);
        Instance<HostedTool> tool = host.add("bad", new LambdaTool("bad", (arguments, context) -> {
            if (!mended.get()) {
                throw new IllegalStateException("broken");
            }
            return ToolResult.text("ok");
        }));
        assertThat(call("bad", "{}").isError()).isTrue();
        mended.set(true);

        TestHost.await(() -> !call("bad", "{}").isError());
        assertThat(tool.quarantine()).isEmpty();
    }

    @Test
    void whatTheCallerOrTheToolItselfReportsQuarantinesNothing() {
        host.set("breakerFailures", 1);
        host.add("good", new LambdaTool("good", (arguments, context) -> ToolResult.error("no such city")));
        for (int i = 0; i < 3; i++) {
            assertThat(call("good", "{}")).isEqualTo(ToolResult.error("no such city"));
            assertThat(call("good", "no json").content().toString()).doesNotContain("left alone");
        }
    }

    @Test
    void aToolThatIsTooSlowTooOftenIsQuarantined() {
        host.set("breakerFailures", 2);
        Instance<HostedTool> tool =
                host.add("slow", new LambdaTool("slow", Duration.ofMillis(1), (arguments, context) -> {
                    new CountDownLatch(1).await();
                    return nothing();
                }));
        call("slow", "{}");
        call("slow", "{}");

        assertThat(call("slow", "{}").content().toString())
                .contains("left alone")
                .contains("gave no result within 1 ms");
        TestHost.await(() -> tool.leases() == 0);
    }

    @Test
    void aCallThatFindsNoFreeThreadInTimeGivesItsLeaseBack() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        host.set("toolThreads", 1);
        host.add("one", new LambdaTool("busy", (arguments, context) -> {
            inside.countDown();
            go.await();
            return ToolResult.text("done");
        }));
        Instance<HostedTool> queued =
                host.add("one", new LambdaTool("queued", Duration.ofMillis(1), (arguments, context) -> nothing()));
        Tools.Pending busy = begin("busy", "{}");
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(call("queued", "{}").isError()).isTrue();
        assertThat(queued.leases()).isZero();
        assertThat(host.tools.threads("one").leftBehind()).isEmpty();
        go.countDown();
        assertThat(busy.await(cancellation).result()).isEqualTo(ToolResult.text("done"));
    }

    @Test
    void noMoreCallsRunAtATimeThanThereAreThreads() throws Exception {
        host.set("toolThreads", 2);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        host.add("pool", new LambdaTool("t", (arguments, context) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            two.countDown();
            assertThat(two.await(10, TimeUnit.SECONDS)).isTrue();
            running.decrementAndGet();
            return ToolResult.text("ok");
        }));
        List<Tools.Pending> calls = java.util.stream.Stream.generate(() -> begin("t", "{}"))
                .limit(8)
                .toList();
        calls.forEach(call -> assertThat(call.await(cancellation).result()).isEqualTo(ToolResult.text("ok")));
        assertThat(most).hasValue(2);
        host.set("toolThreads", 4);
        assertThat(call("t", "{}")).isEqualTo(ToolResult.text("ok"));
        host.set("toolThreads", 1);
        assertThat(call("t", "{}")).isEqualTo(ToolResult.text("ok"));
    }

    @Test
    void aPoolIsForgottenWithItsPlugin() {
        Instance<HostedTool> tool =
                host.add("gone", new LambdaTool("t", (arguments, context) -> ToolResult.text("ok")));
        call("t", "{}");
        host.tools.forget("gone");
        assertThat(host.metrics.getGauges()).containsKey("llmgine_tool_threads_stuck{plugin=\"gone\"}");

        host.hostedTools.remove("t", tool.origin().serviceId());
        TestHost.await(() -> tool.leases() == 0);

        TestHost.await(() -> {
            host.timer.round(System.nanoTime() + Duration.ofSeconds(61).toNanos());
            return host.metrics.getNames().isEmpty();
        });
    }

    @Test
    void aToolThatCanNotBeDescribedIsLeftOut() {
        assertThatThrownBy(() -> host.add("x", new LambdaTool("has space", (arguments, context) -> nothing())))
                .hasMessageContaining("The tool's name 'has space' must have");
        assertThatThrownBy(() -> host.add("x", new Tool<String>() {
                    @Override
                    public ToolDefinition<String> definition() {
                        return new ToolDefinition<>(
                                "t", "", String.class, java.util.Optional.empty(), java.util.Optional.empty(), false);
                    }

                    @Override
                    public ToolResult call(String arguments, ToolContext context) {
                        return nothing();
                    }
                }))
                .hasMessageContaining("its arguments must be a record");
    }

    @Test
    void aCancelledCallTellsTheReason() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        host.add("slow", new LambdaTool("slow", (arguments, context) -> {
            inside.countDown();
            new CountDownLatch(1).await();
            return nothing();
        }));
        Tools.Pending pending = begin("slow", "{}");
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        pending.cancel();
        assertThatThrownBy(() -> pending.await(cancellation))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));

        cancellation.cancel(new LlmgineException(ErrorCode.TIMEOUT, "Enough."));
        assertThatThrownBy(() -> begin("slow", "{}").await(cancellation)).hasMessage("Enough.");
    }

    private ToolResult call(String name, String arguments) {
        return begin(name, arguments).await(cancellation).result();
    }

    private Tools.Pending begin(String name, String arguments) {
        return host.tools.begin(
                new ToolCall("c1", name, arguments),
                host.tools.specs(),
                ApprovalPolicy.of(host.settings())::check,
                ANN,
                "turn",
                cancellation);
    }

    @SuppressWarnings("NullAway") // the breach is the point
    private static ToolResult nothing() {
        return null;
    }

    private interface Work {
        ToolResult call(Map<String, Object> arguments, ToolContext context) throws Exception;
    }

    private static final class LambdaTool implements Tool<Map<String, Object>> {
        private final ToolDefinition<Map<String, Object>> definition;
        private final Work work;

        LambdaTool(String name, Work work) {
            this.definition = ToolDefinition.ofSchema(name, "", "{\"type\": \"object\"}");
            this.work = work;
        }

        LambdaTool(String name, Duration timeout, Work work) {
            this.definition =
                    ToolDefinition.ofSchema(name, "", "{\"type\": \"object\"}").withTimeout(timeout);
            this.work = work;
        }

        @Override
        public ToolDefinition<Map<String, Object>> definition() {
            return definition;
        }

        @Override
        public ToolResult call(Map<String, Object> arguments, ToolContext context) throws Exception {
            return work.call(arguments, context);
        }
    }
}
