package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The short form of the proof {@code crash}. */
final class CrashTest {
    private static final int KILLS = 5;

    @TempDir
    private Path data;

    @ParameterizedTest
    @EnumSource(TestDatabase.Kind.class)
    @Timeout(180)
    void whatWasSaidToBeDurableIsThereAfterAKill(TestDatabase.Kind kind) throws Exception {
        String url = kind == TestDatabase.Kind.H2 ? "" : Postgres.shared().database();

        CrashRun.Figures figures = CrashRun.kills(data, url, KILLS, System.nanoTime());

        assertThat(figures.faultCount()).as(figures.toString()).isZero();
        assertThat(figures.counts())
                .containsEntry("kills", KILLS)
                .hasEntrySatisfying("messages", count -> assertThat(count).isPositive())
                .hasEntrySatisfying("dead letters", count -> assertThat(count).isPositive())
                .hasEntrySatisfying("timers", count -> assertThat(count).isPositive());
    }
}
