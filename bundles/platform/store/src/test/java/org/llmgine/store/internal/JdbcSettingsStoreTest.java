package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.spi.SettingsStore.State;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcSettingsStoreTest {
    private static final Map<String, Object> VALUES = Map.of(
            "text",
            "a NUL \u0000, half of a pair \ud83d, “ü” 🎈",
            "number",
            1_234_567_890_123L,
            "small",
            7L,
            "share",
            0.25,
            "flag",
            true,
            "names",
            List.of("a", "b,c"),
            "ids",
            List.of(1L, 2L),
            "none",
            List.of());

    private final TestDatabase database;
    private final JdbcSettingsStore store;

    JdbcSettingsStoreTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
        store = new JdbcSettingsStore(database.open("host_a"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    static State state(String pid, long version) {
        return new State(
                pid,
                version,
                Samples.THEN.plusSeconds(version),
                "ann",
                version % 5 == 0,
                VALUES,
                Map.of("key", "v1.abc"));
    }

    @Test
    void whatIsAppendedIsReadAgainWithoutLoss() {
        store.append(state("pid", 1), 100);

        assertThat(store.current()).containsExactly(state("pid", 1));
    }

    @Test
    void theNewestOfEachIsCurrentAndTheHistoryIsNewestFirst() {
        LongStream.rangeClosed(1, 5).forEach(version -> store.append(state("pid", version), 100));
        store.append(state("pid~work", 1), 100);

        assertThat(store.current()).containsExactlyInAnyOrder(state("pid", 5), state("pid~work", 1));
        assertThat(store.history("pid", Long.MAX_VALUE, 2)).containsExactly(state("pid", 5), state("pid", 4));
        assertThat(store.history("pid", 3, 9)).containsExactly(state("pid", 2), state("pid", 1));
        assertThat(store.history("other", 9, 9)).isEmpty();
    }

    @Test
    void oneOfTwoHostsAddsAVersion() {
        store.append(state("pid", 1), 100);

        assertThatThrownBy(() -> store.append(state("pid", 1), 100))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
    }

    @Test
    void soManyAreKept() {
        LongStream.rangeClosed(1, 7).forEach(version -> store.append(state("pid", version), 3));

        assertThat(store.history("pid", Long.MAX_VALUE, 9))
                .extracting(State::version)
                .containsExactly(7L, 6L, 5L);
    }
}
