package org.llmgine.provider.offline.internal;

import java.util.List;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.testkit.ModelProviderContract;

class OfflineModelProviderContractTest extends ModelProviderContract {
    private static final int DELAY_MS = 200;

    @Override
    protected ModelProvider newProvider() {
        return new OfflineModelProvider(DELAY_MS);
    }

    @Override
    protected ModelRequest request() {
        return ask("Count to 3");
    }

    @Override
    protected ModelRequest waitingRequest() {
        return ask("Count to 500");
    }

    @Override
    protected ModelRequest failingRequest() {
        return request().toBuilder().model("other").build();
    }

    private static ModelRequest ask(String prompt) {
        return ModelRequest.builder("demo")
                .messages(List.of(Message.user(prompt)))
                .build();
    }
}
