package org.llmgine.example.assistant;

import java.util.List;
import java.util.Map;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.tool.Tool;
import org.llmgine.embedded.EmbeddedHost;

/** Answers questions of an application, which has the host inside. */
public final class Assistant implements AutoCloseable {
    private final EmbeddedHost host;

    public Assistant(ModelProvider model, Tool<?> tool) {
        host = EmbeddedHost.builder()
                .configure(EmbeddedHost.PID, Map.of("defaultModel", "house/model"))
                .start();
        host.provider("house", model);
        host.tool("house", tool);
    }

    public String answer(String question) {
        StringBuilder text = new StringBuilder();
        ModelRequest request = ModelRequest.builder("engine/tool-chat")
                .messages(List.of(Message.user(question)))
                .build();
        host.run(request, event -> {
            if (event instanceof TextDelta delta) {
                text.append(delta.text());
            }
        });
        return text.toString();
    }

    @Override
    public void close() {
        host.close();
    }
}
