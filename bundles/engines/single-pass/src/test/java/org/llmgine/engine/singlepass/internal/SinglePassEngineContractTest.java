package org.llmgine.engine.singlepass.internal;

import org.llmgine.api.engine.Engine;
import org.llmgine.testkit.EngineContract;

class SinglePassEngineContractTest extends EngineContract {
    @Override
    protected Engine newEngine() {
        return new SinglePassEngine();
    }

    /** Tool calls go to the caller. */
    @Override
    protected boolean callsTools() {
        return false;
    }
}
