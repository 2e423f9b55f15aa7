package org.llmgine.example.stock;

import org.llmgine.api.bus.EventListener;
import org.llmgine.testkit.ListenerContract;

class ReorderContractTest extends ListenerContract<Reserved> {
    @Override
    protected EventListener<Reserved> newListener() {
        return new Reorder();
    }

    @Override
    protected Reserved event() {
        return new Reserved("tea", 1, 0);
    }
}
