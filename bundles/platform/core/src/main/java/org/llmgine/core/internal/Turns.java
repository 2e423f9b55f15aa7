package org.llmgine.core.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;

/** Runs turns: finds the engine that a model's name asks for, and guards its run. */
final class Turns {
    /** The engine that relays a request to a model as it is. */
    private static final String RELAY = "single-pass";

    private final PluginRegistry<Engine> engines;
    private final Models models;
    private final Tools tools;
    private final Supplier<Settings> settings;
    private final HostTimer timer;
    private final LongSupplier nanoClock;
    private final Narrator narrator;

    Turns(
            PluginRegistry<Engine> engines,
            Models models,
            Tools tools,
            Supplier<Settings> settings,
            HostTimer timer,
            LongSupplier nanoClock,
            Narrator narrator) {
        this.engines = engines;
        this.models = models;
        this.tools = tools;
        this.settings = settings;
        this.timer = timer;
        this.nanoClock = nanoClock;
        this.narrator = narrator;
    }

    TurnSummary run(RunTurn command) {
        ModelRequest request = command.request();
        if (request.messages().isEmpty()) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "A request needs at least one message.")
                    .withField("messages");
        }
        // Nobody can ask for it: it names the turn to the engine and its tools.
        String id = "turn_" + Long.toHexString(ThreadLocalRandom.current().nextLong());
        return ModelNames.engine(request.model(), settings.get())
                .map(engine -> runEngine(id, engine, command))
                .orElseGet(() -> relay(id, command));
    }

    /** Answer by the model alone, with the request's own tools, whose calls go back to the caller. */
    private TurnSummary relay(String id, RunTurn command) {
        ModelRequest request = command.request();
        // Resolved before the engine is asked for, so that a wrong name is told as such.
        models.resolve(request.model());
        if (!engines.knows(RELAY)) {
            throw new LlmgineException(
                            ErrorCode.UNAVAILABLE,
                            "The engine '" + RELAY + "', which relays requests, is not installed.")
                    .withRetryAfter(PluginRegistry.RETRY_AFTER);
        }
        return run(id, RELAY, false, request, unstored(request, UnaryOperator.identity()), command)
                .summary();
    }

    /** Answer by an engine on the default model, with the host's tools. */
    private TurnSummary runEngine(String id, String engine, RunTurn command) {
        ModelRequest request = command.request();
        if (!request.tools().isEmpty()) {
            throw new LlmgineException(
                            ErrorCode.UNSUPPORTED_FIELD,
                            "The engine '" + engine + "' uses the host's tools, not the request's.")
                    .withField("tools")
                    .withHint("Leave the tools out, or name a model instead of an engine.");
        }
        ModelRequest template = request.toBuilder()
                .model(ModelNames.DEFAULT)
                .tools(offered(engine, ModelNames.DEFAULT, Optional.empty()))
                .build();
        Unstored conversation = unstored(request, ContextWindow.of(settings.get())::fit);
        return run(id, engine, true, template, conversation, command).summary();
    }

    private Unstored unstored(ModelRequest request, UnaryOperator<List<Message>> shown) {
        return new Unstored(request.messages(), shown, ApprovalPolicy.of(settings.get()));
    }

    /**
     * How a run ended.
     *
     * @param waiting the calls that wait for a person; empty when the turn is complete
     */
    record Run(TurnSummary summary, List<ToolCall> waiting) {}

    /** Tell whether what a turn needs to go on is there now: its engine, a provider of its model, the tools of these calls. */
    boolean isReady(String engine, String model, List<ToolCall> calls) {
        return engines.names().contains(engine)
                && models.isPresent(model)
                && tools.names().containsAll(calls.stream().map(ToolCall::name).toList());
    }

    /**
     * Answer a session's prompt by its engine.
     *
     * @param allowed the names of the host's tools that the engine may use; empty for all
     * @param command who asks, the model and the options
     */
    Run runSession(
            String id,
            String engine,
            Optional<List<String>> allowed,
            HostTurn.Conversation conversation,
            RunTurn command) {
        ModelRequest request = command.request();
        ModelRequest template = request.toBuilder()
                .tools(offered(engine, request.model(), allowed))
                .build();
        return run(id, engine, true, template, conversation, command);
    }

    /** Return the host's tools that a model is shown; none to the engine that leaves calls to the caller. */
    private List<ToolSpec> offered(String engine, String model, Optional<List<String>> allowed) {
        if (engine.equals(RELAY) || !models.mayTake(models.resolve(model), ModelInfo.TOOLS)) {
            return List.of();
        }
        return tools.specs().stream()
                .filter(tool -> allowed.isEmpty() || allowed.get().contains(tool.name()))
                .toList();
    }

    private Run run(
            String id,
            String engine,
            boolean withHostsTools,
            ModelRequest template,
            HostTurn.Conversation conversation,
            RunTurn command) {
        Settings now = settings.get();
        Cancellation cancellation = new Cancellation();
        try (var outer = command.cancellation()
                .onCancel(() -> command.cancellation().reason().ifPresent(cancellation::cancel))) {
            Instance<Engine> instance = engines.acquire(engine, now.successorWait(), cancellation);
            long started = nanoClock.getAsLong();
            instance.figures().begun();
            HostEmitter emitter = new HostEmitter(command.emitter(), withHostsTools, cancellation);
            HostTurn turn = new HostTurn(
                    id, command.principal(), template, conversation, models, tools, emitter, cancellation, narrator);
            boolean stored = !conversation.session().isEmpty();
            String finishReason = "";
            Optional<ErrorCode> failure = Optional.of(ErrorCode.INTERNAL);
            try (var watch = timer.watch(new Deadline(started, now, engine, cancellation))) {
                if (!stored) {
                    narrator.started(id, "", engine, command.request().model(), command.principal());
                }
                Run ended = run(instance, turn, emitter, cancellation, now);
                finishReason = ended.summary().finishReason();
                failure = Optional.empty();
                return ended;
            } catch (LlmgineException e) {
                failure = Optional.of(e.code());
                throw e;
            } finally {
                turn.usage().ifPresent(conversation::used);
                long nanos = nanoClock.getAsLong() - started;
                instance.figures().ended(nanos);
                instance.release();
                if (!stored) {
                    narrator.ended(turn, engine, Duration.ofNanos(nanos), finishReason, failure);
                }
            }
        }
    }

    private static Run run(
            Instance<Engine> instance,
            HostTurn turn,
            HostEmitter emitter,
            Cancellation cancellation,
            Settings settings) {
        Origin origin = instance.origin();
        if (instance.leases() > settings.maxConcurrentTurns()) {
            instance.figures().failed();
            throw new LlmgineException(
                    ErrorCode.OVERLOADED,
                    "The engine '" + origin.name() + "' already runs " + settings.maxConcurrentTurns() + " turns.");
        }
        Breaker breaker = instance.breaker(settings.retrying());
        Optional<Breaker.Permit> permitted = breaker.permit();
        if (permitted.isEmpty()) {
            instance.figures().failed();
            throw breaker.refusal("The engine '" + origin.name() + "'");
        }
        Breaker.Permit permit = permitted.get();
        TurnOutcome outcome;
        try {
            turn.settle();
            outcome = origin.call(() -> instance.service().run(turn, emitter), permit::record);
            permit.record(cancellation.reason().orElse(null));
        } catch (LlmgineException e) {
            // What it passes on of others says nothing about it; that it was given up in time may.
            permit.record(cancellation.reason().orElse(null));
            emitter.check();
            cancellation.check();
            instance.figures().failed();
            origin.log(e);
            throw e;
        }
        emitter.check();
        cancellation.check();
        // An engine that knows no suspension must not leave a call without a result.
        if (outcome == null || !outcome.pending().equals(turn.waiting())) {
            instance.figures().failed();
            LlmgineException failure = new LlmgineException(
                    ErrorCode.PLUGIN_FAILED,
                    "The engine '" + origin.name()
                            + "' must end its run as suspended by the calls that wait for an approval, and by no others.");
            origin.log(failure);
            throw failure;
        }
        if (!outcome.isSuspended()) {
            turn.usage().ifPresent(usage -> emitter.pass(new UsageUpdate(usage)));
            emitter.pass(new Finish(outcome.finishReason()));
        }
        return new Run(
                new TurnSummary(turn.id(), turn.model(), turn.usage(), outcome.finishReason()), outcome.pending());
    }

    /** Ends a turn that takes too long. */
    private record Deadline(long started, Settings settings, String engine, Cancellation cancellation)
            implements HostTimer.Watch {
        @Override
        public boolean isDue(long nanoTime) {
            return !cancellation.isCancelled()
                    && nanoTime - started > settings.turnTimeout().toNanos();
        }

        @Override
        public void act() {
            cancellation.cancel(new LlmgineException(
                            ErrorCode.TIMEOUT,
                            "The engine '" + engine + "' didn't end within "
                                    + settings.turnTimeout().toMillis() + " ms.")
                    .withHint("The limit is the setting turnTimeoutMs."));
        }
    }

    /** The conversation of one request, and what of it the model is shown. */
    private record Unstored(List<Message> messages, UnaryOperator<List<Message>> shown, ApprovalPolicy policy)
            implements HostTurn.Conversation {
        private Unstored {
            messages = new ArrayList<>(messages);
        }

        @Override
        public List<Message> messages() {
            return List.copyOf(messages);
        }

        @Override
        public List<Message> context() {
            return shown.apply(messages());
        }

        @Override
        public void append(Message message) {
            messages.add(message);
        }
    }
}
