package org.llmgine.example.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.llmgine.api.bus.Command;
import org.llmgine.testkit.DirectBus;

class FailureCounterTest {
    record Divide(int by) implements Command<Integer> {}

    private final FailureCounter counter = new FailureCounter();
    private final DirectBus bus = new DirectBus();

    FailureCounterTest() {
        bus.handle(
                Divide.class, (command, context) -> counter.aroundCommand(command, context, () -> 100 / command.by()));
    }

    @Test
    void failuresAreCountedAndPassedOn() {
        assertThat(bus.execute(new Divide(4)).orElseThrow()).isEqualTo(25);
        assertThat(bus.execute(new Divide(0)).succeeded()).isFalse();
        assertThat(bus.execute(new Divide(0)).succeeded()).isFalse();

        assertThat(counter.failures()).isEqualTo(Map.of("Divide", 2));
    }
}
