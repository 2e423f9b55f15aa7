package org.llmgine.store.internal;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.bus.spi.DeadLetterStore;
import org.llmgine.testkit.DeadLetterStoreContract;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcDeadLetterStoreTest extends DeadLetterStoreContract {
    private final TestDatabase database;

    JdbcDeadLetterStoreTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    protected DeadLetterStore newStore() {
        return new JdbcDeadLetterStore(database.open("host_a"));
    }
}
