package org.llmgine.example.secondthought;

import org.llmgine.api.engine.Engine;
import org.llmgine.testkit.EngineContract;

class SecondThoughtEngineContractTest extends EngineContract {
    @Override
    protected Engine newEngine() {
        return new SecondThoughtEngine();
    }

    /** It asks for an answer without tools. */
    @Override
    protected boolean callsTools() {
        return false;
    }
}
