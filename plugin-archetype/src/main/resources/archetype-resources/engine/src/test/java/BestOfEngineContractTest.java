package ${package};

import java.util.Map;
import org.llmgine.api.engine.Engine;
import org.llmgine.testkit.EngineContract;

/** What every engine has to do. */
class BestOfEngineContractTest extends EngineContract {
    @Override
    protected Engine newEngine() {
        return BestOfEngineTest.engine(Map.of());
    }

    /** The last model call chooses; what is emitted is one of the answers before it. */
    @Override
    protected boolean relaysAnswers() {
        return false;
    }

    /** Tools are called by nobody: an answer that nobody reads mustn't have effects. */
    @Override
    protected boolean callsTools() {
        return false;
    }
}
