package org.llmgine.itest.provider.scripted.internal;

import java.util.List;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Does what the model's name says, and writes down when a stream is opened and closed. */
@LlmginePlugin(id = "scripted", kind = LlmginePlugin.PROVIDER)
@Component(configurationPid = ScriptedProvider.PID, configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = ScriptedProvider.Settings.class, factory = true)
public final class ScriptedProvider implements ModelProvider {
    static final String PID = "org.llmgine.itest.provider.scripted";

    private final Settings settings;
    private final String version;

    @Activate
    public ScriptedProvider(Settings settings, BundleContext context) {
        this.settings = settings;
        version = context.getBundle().getVersion().toString();
    }

    /** Tells no names, so that any script is a model. */
    @Override
    public List<ModelInfo> models() {
        return List.of();
    }

    @Override
    public ModelStream open(ModelRequest request) {
        Script script = new Script(request, settings.greeting(), version);
        return new ScriptedStream(script.beats(), new Journal(version, request.model()));
    }

    /** The settings. */
    @ObjectClassDefinition(id = PID, name = "Scripted model provider")
    @interface Settings {
        @AttributeDefinition(name = "Greeting", description = "What the step greet says.")
        String greeting() default "hello";

        @AttributeDefinition(
                name = "Limit",
                description = "Only there to be set wrongly: 1 to 9.",
                min = "1",
                max = "9")
        int limit() default 5;
    }
}
