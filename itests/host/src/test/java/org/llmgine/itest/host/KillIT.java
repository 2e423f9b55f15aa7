package org.llmgine.itest.host;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The short form of {@link KillProof}. */
final class KillIT {
    @Test
    void aHostThatIsKilledWhileItChangesItsPluginsIsWholeWhenItStarts() throws Exception {
        try (Kill kill = new Kill("kill-short")) {
            kill.run(Kill.Operation.INSTALL, "ready", Duration.ZERO);
            kill.run(Kill.Operation.UPGRADE, "starting", Duration.ZERO);
            kill.run(Kill.Operation.UPGRADE, "active", Duration.ZERO);
            kill.run(Kill.Operation.ROLLBACK, "ready", Duration.ZERO);
            kill.run(Kill.Operation.REMOVE, "asked", Duration.ofMillis(5));
        }
    }
}
