package org.llmgine.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;

/** A turn over one provider, tools that are plain functions, and a conversation in memory. */
public final class FakeTurn implements Turn {
    private final ModelProvider provider;
    private final RecordingEmitter emitter = new RecordingEmitter();
    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private final List<ToolSpec> specs = new ArrayList<>();
    private final Map<String, Function<ToolCall, ToolResult>> tools = new LinkedHashMap<>();
    private final Set<String> needApproval = new HashSet<>();
    private Consumer<ModelRequest.Builder> options = builder -> {};
    private volatile @Nullable ModelStream open;
    private volatile boolean cancelled;

    /** Make a turn whose conversation ends with the prompt. */
    public FakeTurn(ModelProvider provider, Message... messages) {
        this.provider = provider;
        this.messages.addAll(List.of(messages));
    }

    /** Give the turn a tool; its schema takes any arguments. */
    public FakeTurn tool(String name, Function<ToolCall, ToolResult> function) {
        specs.add(new ToolSpec(name, "", "{\"type\":\"object\"}", false));
        tools.put(name, function);
        return this;
    }

    /** Fill each request in with these options too, as the host does with those that the caller asked for. */
    public FakeTurn options(Consumer<ModelRequest.Builder> options) {
        this.options = options;
        return this;
    }

    /** Make the calls of a tool wait for an approval, or no longer. */
    public FakeTurn needsApproval(String name, boolean needed) {
        if (needed) {
            needApproval.add(name);
        } else {
            needApproval.remove(name);
        }
        return this;
    }

    /** Return what takes this turn's events, those that the turn itself emits included. */
    public RecordingEmitter emitter() {
        return emitter;
    }

    /** Cancel the turn from any thread. */
    public void cancel() {
        cancelled = true;
        ModelStream stream = open;
        if (stream != null) {
            stream.close();
        }
    }

    @Override
    public String id() {
        return "turn";
    }

    @Override
    public Principal principal() {
        return new FakeToolContext().principal();
    }

    @Override
    public List<Message> messages() {
        return List.copyOf(messages);
    }

    @Override
    public ModelRequest request() {
        ModelRequest.Builder builder =
                ModelRequest.builder("fake/model").messages(messages()).tools(specs);
        options.accept(builder);
        return builder.build();
    }

    @Override
    public ModelStream open(ModelRequest request) {
        check();
        ModelStream stream = provider.open(request);
        open = stream;
        return stream;
    }

    @Override
    public void append(Message message) {
        messages.add(message);
    }

    @Override
    public ToolRound callTools(List<ToolCall> calls) {
        List<ToolResult> results = new ArrayList<>();
        List<ToolCall> pending = new ArrayList<>();
        for (ToolCall call : calls) {
            check();
            if (needApproval.contains(call.name())) {
                pending.add(call);
                continue;
            }
            emitter.emit(new ToolStarted(call));
            ToolResult result = run(call);
            results.add(result);
            append(Message.tool(call.id(), result.content()));
            emitter.emit(new ToolFinished(call, result, Duration.ZERO));
        }
        return new ToolRound(results, pending);
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    private ToolResult run(ToolCall call) {
        Function<ToolCall, ToolResult> tool = tools.get(call.name());
        if (tool == null) {
            return ToolResult.error("There is no tool " + call.name() + ".");
        }
        try {
            return tool.apply(call);
        } catch (RuntimeException e) {
            return ToolResult.error(String.valueOf(e.getMessage()));
        }
    }

    private void check() {
        if (cancelled) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The turn was cancelled.");
        }
    }
}
