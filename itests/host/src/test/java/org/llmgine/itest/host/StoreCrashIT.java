package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.store.internal.CrashRun;
import org.llmgine.store.internal.Postgres;

/** The short form of the proof {@code crash}. */
final class StoreCrashIT {
    private static final int KILLS = 5;

    @TempDir
    private Path data;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(180)
    void whatWasSaidToBeDurableIsThereAfterAKill(boolean postgres) throws Exception {
        String url = postgres ? Postgres.shared().database() : "";

        CrashRun.Figures figures = CrashRun.kills(data, url, KILLS, System.nanoTime());

        assertThat(figures.faultCount()).as(figures.toString()).isZero();
        assertThat(figures.counts())
                .containsEntry("kills", KILLS)
                .hasEntrySatisfying("messages", count -> assertThat(count).isPositive())
                .hasEntrySatisfying("dead letters", count -> assertThat(count).isPositive())
                .hasEntrySatisfying("timers", count -> assertThat(count).isPositive());
    }
}
