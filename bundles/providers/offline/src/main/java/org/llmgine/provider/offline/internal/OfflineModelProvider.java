package org.llmgine.provider.offline.internal;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Set;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/** Offers the model {@code demo}, which needs no back-end. An open stream uses nothing of this component. */
@LlmginePlugin(
        id = "offline",
        kind = LlmginePlugin.PROVIDER,
        name = "Built-in model",
        description = "Answers by fixed rules, with no key and no network.",
        author = "LLMgine",
        pids = OfflineModelProvider.PID)
@Component(configurationPid = OfflineModelProvider.PID)
@Designate(ocd = OfflineSettings.class)
public final class OfflineModelProvider implements ModelProvider {
    static final String PID = "org.llmgine.provider.offline";

    private static final List<ModelInfo> MODELS =
            List.of(new ModelInfo("demo", Set.of(ModelInfo.TOOLS, ModelInfo.STRUCTURED_OUTPUT)));

    private final DemoModel model = new DemoModel(JsonMapper.builder().build());
    private final int delayMs;

    @Activate
    public OfflineModelProvider(OfflineSettings settings) {
        this(settings.delayMs());
    }

    OfflineModelProvider(int delayMs) {
        this.delayMs = delayMs;
    }

    @Override
    public List<ModelInfo> models() {
        return MODELS;
    }

    @Override
    public ModelStream open(ModelRequest request) {
        if (!request.model().equals("demo")) {
            throw new LlmgineException(
                            ErrorCode.MODEL_NOT_FOUND, "The offline provider has no model '" + request.model() + "'.")
                    .withHint("Its only model is offline/demo.");
        }
        return new AnswerStream(AnswerEvents.of(request, model.answer(request)), delayMs);
    }
}
