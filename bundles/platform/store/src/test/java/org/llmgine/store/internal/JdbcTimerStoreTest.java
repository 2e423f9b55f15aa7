package org.llmgine.store.internal;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.bus.spi.TimerStore;
import org.llmgine.testkit.TimerStoreContract;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcTimerStoreTest extends TimerStoreContract {
    private final TestDatabase database;

    JdbcTimerStoreTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    protected TimerStore newStore() {
        return new JdbcTimerStore(database.open("host_a"));
    }
}
