package org.llmgine.provider.openai.internal;

import static org.llmgine.provider.openai.internal.FakeBackend.DONE;
import static org.llmgine.provider.openai.internal.FakeBackend.finish;
import static org.llmgine.provider.openai.internal.FakeBackend.stream;
import static org.llmgine.provider.openai.internal.FakeBackend.text;
import static org.llmgine.provider.openai.internal.FakeBackend.whole;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.testkit.FakeSettings;
import org.llmgine.testkit.ModelProviderContract;
import org.osgi.framework.Constants;

/** Against a back-end on a socket, which has an answer ready for each request that is asked for here. */
class OpenAiModelProviderContractTest extends ModelProviderContract {
    private static final ModelRequest REQUEST =
            ModelRequest.builder("m").messages(List.of(Message.user("Hello"))).build();

    private FakeBackend server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeBackend();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Override
    protected ModelProvider newProvider() {
        return new OpenAiModelProvider(
                FakeSettings.of(OpenAiSettings.class, settings()),
                Map.of(Constants.SERVICE_PID, OpenAiModelProvider.PID + "~test"));
    }

    Map<String, Object> settings() {
        return Map.of("baseUrl", server.url());
    }

    @Override
    protected void deactivate(ModelProvider provider) {
        ((OpenAiModelProvider) provider).deactivate();
    }

    @Override
    protected ModelRequest request() {
        server.then(stream(text("Hel"), text("lo"), finish("stop"), DONE));
        return REQUEST;
    }

    @Override
    protected ModelRequest waitingRequest() {
        server.then(exchange -> {
            exchange.head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked");
            exchange.chunk(text("Hel"));
            server.untilCut(exchange);
        });
        return REQUEST;
    }

    @Override
    protected ModelRequest failingRequest() {
        server.then(whole(500, "{\"error\":{\"message\":\"Out of order.\"}}"));
        return REQUEST;
    }
}
