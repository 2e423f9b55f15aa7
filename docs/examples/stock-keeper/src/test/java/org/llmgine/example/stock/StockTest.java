package org.llmgine.example.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.testkit.DirectBus;

class StockTest {
    private final DirectBus bus = new DirectBus();
    private final Reorder reorder = new Reorder();
    private final Till till = new Till(bus);

    StockTest() {
        bus.handle(Reserve.class, new ReserveHandler(bus));
        bus.listen(Reserved.class, ListenerOptions.named("reorder"), reorder);
    }

    @Test
    void whatIsSoldOutIsOrderedAgain() {
        assertThat(till.sell("tea")).isEqualTo(2);
        assertThat(till.sell("tea")).isEqualTo(1);
        assertThat(reorder.wanted()).isEmpty();
        assertThat(till.sell("tea")).isZero();

        assertThat(reorder.wanted()).containsExactly("tea");
        assertThat(bus.published(Reserved.class)).last().isEqualTo(new Reserved("tea", 1, 0));
    }

    @Test
    void whatIsntThereIsntSold() {
        assertThat(till.trySelling("salt")).contains("There is not enough 'salt'.");
        assertThatThrownBy(() -> till.sell("salt")).isInstanceOf(LlmgineException.class);
        assertThat(bus.published(Reserved.class)).isEmpty();
    }

    @Test
    void aCorrectionIsTold() {
        till.correct("tea", 0);

        assertThat(reorder.wanted()).containsExactly("tea");
    }
}
