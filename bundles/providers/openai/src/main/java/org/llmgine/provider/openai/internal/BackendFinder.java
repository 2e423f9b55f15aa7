package org.llmgine.provider.openai.internal;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import org.llmgine.api.LlmginePlugin;
import org.osgi.service.component.ComponentFactory;
import org.osgi.service.component.ComponentInstance;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the back-ends that the environment tells of, so that a key in its usual variable is all that is needed. */
@Component(
        service = {},
        immediate = true)
public final class BackendFinder {
    private static final Logger LOG = LoggerFactory.getLogger(BackendFinder.class);

    private final ComponentFactory<FoundModelProvider> factory;
    private final Map<String, ComponentInstance<FoundModelProvider>> found = new HashMap<>();

    @Activate
    public BackendFinder(
            @Reference(target = "(component.factory=" + FoundModelProvider.FACTORY + ")")
                    ComponentFactory<FoundModelProvider> factory) {
        this(factory, System.getenv());
    }

    BackendFinder(ComponentFactory<FoundModelProvider> factory, Map<String, String> environment) {
        this.factory = factory;
        String moved = environment.getOrDefault("LLMGINE_OPENAI_BASE_URL", "").strip();
        if (!moved.isEmpty() || isSet(environment, "OPENAI_API_KEY")) {
            add("default", moved.isEmpty() ? "https://api.openai.com/v1" : moved, "OPENAI_API_KEY");
        }
        if (isSet(environment, "OPENROUTER_API_KEY")) {
            add("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY");
        }
        if (isSet(environment, "DEEPSEEK_API_KEY")) {
            add("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY");
        }
    }

    @Deactivate
    void deactivate() {
        found.values().forEach(ComponentInstance::dispose);
        found.clear();
    }

    private static boolean isSet(Map<String, String> environment, String variable) {
        return !environment.getOrDefault(variable, "").isBlank();
    }

    private void add(String name, String baseUrl, String variable) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(LlmginePlugin.INSTANCE, name);
        properties.put("baseUrl", baseUrl);
        properties.put("apiKeyVariable", variable);
        found.put(name, factory.newInstance(properties));
        LOG.info("Found the back-end {} as {}.", baseUrl, name);
    }
}
