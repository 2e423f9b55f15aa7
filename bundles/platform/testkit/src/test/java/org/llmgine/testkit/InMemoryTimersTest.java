package org.llmgine.testkit;

import org.llmgine.bus.internal.InMemoryTimers;
import org.llmgine.bus.spi.TimerStore;

class InMemoryTimersTest extends TimerStoreContract {
    @Override
    protected TimerStore newStore() {
        return new InMemoryTimers();
    }
}
