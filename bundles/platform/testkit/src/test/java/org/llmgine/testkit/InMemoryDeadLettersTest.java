package org.llmgine.testkit;

import org.llmgine.bus.internal.InMemoryDeadLetters;
import org.llmgine.bus.spi.DeadLetterStore;

class InMemoryDeadLettersTest extends DeadLetterStoreContract {
    @Override
    protected DeadLetterStore newStore() {
        return new InMemoryDeadLetters();
    }
}
