package org.llmgine.bus.internal;

import org.llmgine.bus.spi.TimerStore;
import org.llmgine.bus.spi.TimerStoreContract;

class InMemoryTimersTest extends TimerStoreContract {
    @Override
    protected TimerStore newStore() {
        return new InMemoryTimers();
    }
}
