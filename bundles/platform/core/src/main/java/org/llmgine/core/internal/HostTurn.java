package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private Optional<Usage> usage = Optional.empty();
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
        List<Tools.Pending> pending = new ArrayList<>();
        try (var cancelling = cancellation.onCancel(() -> cancelAll(pending))) {
            for (ToolCall call : calls) {
                emitter.emit(new ToolStarted(call));
                Tools.Pending begun = tools.begin(call, template.tools(), principal, id, cancellation);
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
            return new ToolRound(results, List.of());
        } finally {
            cancelAll(pending);
        }
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
