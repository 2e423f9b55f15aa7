package org.llmgine.provider.openai.internal;

import java.util.List;
import java.util.Map;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/** Offers a back-end that was configured; there is none without a configuration. */
@LlmginePlugin(
        id = "openai",
        kind = LlmginePlugin.PROVIDER,
        name = "OpenAI-compatible back-ends",
        description = "Asks back-ends that speak the OpenAI API.",
        author = "LLMgine",
        permissions = "network",
        pids = OpenAiModelProvider.PID)
@Component(configurationPid = OpenAiModelProvider.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = OpenAiSettings.class, factory = true)
public final class OpenAiModelProvider implements ModelProvider {
    static final String PID = "org.llmgine.provider.openai";

    private final Backend backend;

    @Activate
    public OpenAiModelProvider(OpenAiSettings settings, Map<String, Object> properties) {
        String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        backend = Backend.of(pid.replace(PID, "openai"), settings, System.getenv());
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
