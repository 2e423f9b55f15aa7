package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.bus.Cancellation;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ApprovalDecided;

/** Serves one run of an engine: the way to the models and to the tools. */
final class HostTurn implements Turn {
    private final String id;
    private final Principal principal;
    private final ModelRequest template;
    private final Conversation conversation;
    private final Models models;
    private final Tools tools;
    private final HostEmitter emitter;
    private final Cancellation cancellation;
    private final Narrator narrator;
    private final List<GuardedStream> streams = new ArrayList<>();
    private final List<ToolCall> waiting = new ArrayList<>();
    private Optional<Usage> usage;
    private String model = "";

    HostTurn(
            String id,
            Principal principal,
            ModelRequest template,
            Conversation conversation,
            Models models,
            Tools tools,
            HostEmitter emitter,
            Cancellation cancellation,
            Narrator narrator) {
        this.id = id;
        this.principal = principal;
        this.template = template;
        this.conversation = conversation;
        this.models = models;
        this.tools = tools;
        this.emitter = emitter;
        this.cancellation = cancellation;
        this.narrator = narrator;
        usage = conversation.usedBefore();
    }

    /** Keeps a turn's messages and tells what of them a model is shown. */
    interface Conversation {
        List<Message> messages();

        List<Message> context();

        void append(Message message);

        /** Return the id of the session that keeps it; empty when it isn't stored. */
        default String session() {
            return "";
        }

        /** Take the tokens of all model calls, however the turn ended. */
        default void used(Usage usage) {}

        /** Return the tokens of the turn's earlier runs. */
        default Optional<Usage> usedBefore() {
            return Optional.empty();
        }

        /** Tell whether the turn can wait for a person. */
        default boolean canWait() {
            return false;
        }

        /** Say which tools may be called. */
        ApprovalPolicy policy();

        /** Return what was decided of the calls that the turn has waited for. */
        default List<Approval> decided() {
            return List.of();
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public List<Message> messages() {
        return conversation.messages();
    }

    @Override
    public ModelRequest request() {
        return template.toBuilder().messages(conversation.context()).build();
    }

    @Override
    public ModelStream open(ModelRequest request) {
        cancellation.check();
        emitter.check();
        Models.Opened opened = models.open(models.resolve(request.model()), request, cancellation);
        GuardedStream stream = opened.stream();
        letGo();
        streams.add(stream);
        emitter.follow(stream);
        model = opened.target().fullName();
        try {
            emitter.emit(new ModelStarted(model));
        } catch (Throwable t) {
            stream.close();
            throw t;
        }
        return stream;
    }

    @Override
    public void append(Message message) {
        conversation.append(message);
    }

    @Override
    public ToolRound callTools(List<ToolCall> calls) {
        cancellation.check();
        emitter.check();
        ApprovalPolicy policy = conversation.policy();
        List<ToolCall> asked = conversation.canWait()
                ? calls.stream()
                        .filter(call -> tools.asks(call, template.tools(), policy, cancellation))
                        .toList()
                : List.of();
        List<ToolResult> results = run(
                calls.stream().filter(call -> !asked.contains(call)).toList(),
                call -> tools.begin(call, template.tools(), policy::check, principal, id, cancellation));
        waiting.addAll(asked);
        return new ToolRound(results, asked);
    }

    /** Give the calls that the turn has waited for their results: run those that were approved. */
    void settle() {
        cancellation.check();
        conversation.decided().forEach(approval -> emitter.pass(new ApprovalDecided(approval)));
        Iterator<Approval> decided = conversation.decided().iterator();
        ApprovalPolicy policy = conversation.policy();
        run(conversation.decided().stream().map(Approval::call).toList(), call -> {
            Approval approval = decided.next();
            return Approvals.refusal(approval)
                    .map(result -> tools.given(call, result))
                    .orElseGet(() ->
                            tools.begin(call, template.tools(), policy::checkNotDenied, principal, id, cancellation));
        });
    }

    private List<ToolResult> run(List<ToolCall> calls, Function<ToolCall, Tools.Pending> begin) {
        List<Tools.Pending> pending = new ArrayList<>();
        try (var cancelling = cancellation.onCancel(() -> cancelAll(pending))) {
            for (ToolCall call : calls) {
                emitter.emit(new ToolStarted(call));
                Tools.Pending begun = begin.apply(call);
                synchronized (pending) {
                    pending.add(begun);
                }
            }
            cancellation.check();
            List<ToolResult> results = new ArrayList<>();
            for (Tools.Pending begun : List.copyOf(pending)) {
                Tools.Done done = begun.await(cancellation);
                narrator.toolCalled(id, conversation.session(), principal, begun, done);
                emitter.emit(new ToolFinished(begun.call(), done.result(), done.elapsed()));
                conversation.append(
                        Message.tool(begun.call().id(), done.result().content()));
                results.add(done.result());
            }
            return results;
        } finally {
            cancelAll(pending);
        }
    }

    /** Return the calls that wait for a person. */
    List<ToolCall> waiting() {
        return List.copyOf(waiting);
    }

    private static void cancelAll(List<Tools.Pending> pending) {
        List<Tools.Pending> begun;
        synchronized (pending) {
            begun = List.copyOf(pending);
        }
        begun.forEach(Tools.Pending::cancel);
    }

    @Override
    public boolean cancelled() {
        return cancellation.isCancelled() || emitter.failed();
    }

    /** Return the full name of the model that served last; empty when none did. */
    String model() {
        return model;
    }

    /** Close what the engine left open and add the tokens of all model calls up; empty when no back-end told. */
    Optional<Usage> usage() {
        close();
        streams.forEach(this::addUsage);
        streams.clear();
        return usage;
    }

    /** Let go of streams that are over, so that a long turn doesn't hold a provider's former version. */
    private void letGo() {
        streams.stream().filter(GuardedStream::isSettled).forEach(this::addUsage);
        streams.removeIf(GuardedStream::isSettled);
    }

    private void addUsage(GuardedStream stream) {
        usage = stream.usage().map(more -> usage.map(more::plus).orElse(more)).or(() -> usage);
    }

    /** Close what the engine left open. */
    void close() {
        streams.forEach(GuardedStream::close);
    }
}
