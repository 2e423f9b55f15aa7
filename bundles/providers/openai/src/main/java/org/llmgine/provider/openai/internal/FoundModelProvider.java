package org.llmgine.provider.openai.internal;

import java.util.List;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;

/** Offers a back-end that {@link BackendFinder} found; one that was configured under the same name goes before it. */
@Component(
        factory = FoundModelProvider.FACTORY,
        configurationPolicy = ConfigurationPolicy.IGNORE,
        property = "service.ranking:Integer=-100")
public final class FoundModelProvider implements ModelProvider {
    static final String FACTORY = "org.llmgine.provider.openai.found";

    private final Backend backend;

    @Activate
    public FoundModelProvider(OpenAiSettings settings) {
        backend = Backend.of("openai", settings, System.getenv());
    }

    /** Let open streams go on: the connections and their thread end with the last of them. */
    @Deactivate
    void deactivate() {
        backend.close();
    }

    @Override
    public List<ModelInfo> models() {
        return backend.models();
    }

    @Override
    public boolean takesUnlistedModels() {
        return true;
    }

    @Override
    public ModelStream open(ModelRequest request) {
        return backend.open(request);
    }
}
