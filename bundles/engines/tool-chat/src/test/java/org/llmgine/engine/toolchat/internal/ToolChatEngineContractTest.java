package org.llmgine.engine.toolchat.internal;

import java.util.Map;
import org.llmgine.api.engine.Engine;
import org.llmgine.testkit.EngineContract;
import org.llmgine.testkit.FakeSettings;

class ToolChatEngineContractTest extends EngineContract {
    @Override
    protected Engine newEngine() {
        return new ToolChatEngine(FakeSettings.of(ToolChatSettings.class, Map.of()));
    }
}
