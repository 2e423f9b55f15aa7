package ${package};

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.testkit.ListenerContract;

/** What every listener has to do. */
class UsageLedgerContractTest extends ListenerContract<Event> {
    @TempDir
    Path folder;

    @Override
    protected EventListener<Event> newListener() {
        return UsageLedgerTest.ledger(folder.resolve("usage.csv"));
    }

    @Override
    protected Event event() {
        return UsageLedgerTest.ended("t1", "m", Optional.empty());
    }
}
