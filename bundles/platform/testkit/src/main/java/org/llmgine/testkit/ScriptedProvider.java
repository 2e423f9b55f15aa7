package org.llmgine.testkit;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;

/**
 * Answers each request with the next answer of its script and keeps the requests. Thread-safe.
 *
 * <p>A request beyond the script's end fails with {@link IllegalStateException}.
 */
public final class ScriptedProvider implements ModelProvider {
    private final List<ModelInfo> models;
    private final Queue<Supplier<ModelStream>> answers = new ConcurrentLinkedQueue<>();
    private final List<ModelRequest> requests = new CopyOnWriteArrayList<>();

    /** Make a provider of these models. */
    public ScriptedProvider(ModelInfo... models) {
        this.models = List.of(models);
    }

    /** Answer the next request with this stream. */
    public ScriptedProvider answer(ModelStream stream) {
        answers.add(() -> stream);
        return this;
    }

    /** Refuse the next request. */
    public ScriptedProvider refuse(RuntimeException failure) {
        answers.add(() -> {
            throw failure;
        });
        return this;
    }

    /** Return the requests so far, in order. */
    public List<ModelRequest> requests() {
        return List.copyOf(requests);
    }

    @Override
    public List<ModelInfo> models() {
        return models;
    }

    @Override
    public ModelStream open(ModelRequest request) {
        requests.add(request);
        Supplier<ModelStream> answer = answers.poll();
        if (answer == null) {
            throw new IllegalStateException("The script has no answer for request " + requests.size() + ".");
        }
        return answer.get();
    }
}
