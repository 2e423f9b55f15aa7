package ${package};

import java.util.Map;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.testkit.ModelProviderContract;

/** What every provider has to do. */
class RulesProviderContractTest extends ModelProviderContract {
    /** One word comes at once, the second one after a minute. */
    @Override
    protected ModelProvider newProvider() {
        return RulesProviderTest.provider(Map.of("wordDelayMs", 60_000L));
    }

    @Override
    protected ModelRequest request() {
        return RulesProviderTest.ask("hello");
    }

    @Override
    protected ModelRequest waitingRequest() {
        return RulesProviderTest.ask("When are you open?");
    }

    @Override
    protected ModelRequest failingRequest() {
        return ModelRequest.builder("another model")
                .messages(request().messages())
                .build();
    }
}
