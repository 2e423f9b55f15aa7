package org.llmgine.itest.host;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kills a host at each step of each change of a plugin, at once and a little later. */
@Tag("proof")
final class KillProof {
    private static final List<Long> LATER_MS = List.of(0L, 1L, 3L, 10L, 50L);

    @Test
    @Timeout(3600)
    void aHostThatIsKilledAtAnyStepIsWholeWhenItStarts() throws Exception {
        int kills = 0;
        int former = 0;
        String before = "";
        try (Kill kill = new Kill("kill")) {
            for (Kill.Operation operation : Kill.Operation.values()) {
                for (String step : operation.steps()) {
                    for (long later : LATER_MS) {
                        String serving = kill.run(operation, step, Duration.ofMillis(later));
                        kills++;
                        former += serving.equals(before) ? 1 : 0;
                        before = serving;
                    }
                }
            }
        }
        new Report("kill")
                .add("kills, at each step of install, upgrade, rollback and remove", kills)
                .add("after which what served before serves again", former)
                .write();
    }
}
