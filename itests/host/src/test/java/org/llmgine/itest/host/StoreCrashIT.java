package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.store.internal.CrashRun;
import org.llmgine.store.internal.Postgres;

/** The short form of the proof {@code crash}, on PostgreSQL; on H2 a kill may still lose what was said to be durable. */
final class StoreCrashIT {
    private static final int KILLS = 5;

    @TempDir
    private Path data;

    @Test
    @Timeout(180)
    void whatWasSaidToBeDurableIsThereAfterAKill() throws Exception {
        CrashRun.Figures figures = CrashRun.kills(data, Postgres.shared().database(), KILLS, System.nanoTime());

        assertThat(figures.faultCount()).as(figures.toString()).isZero();
        assertThat(figures.counts())
                .containsEntry("kills", KILLS)
                .hasEntrySatisfying("messages", count -> assertThat(count).isPositive())
                .hasEntrySatisfying("dead letters", count -> assertThat(count).isPositive())
                .hasEntrySatisfying("timers", count -> assertThat(count).isPositive());
    }
}
