package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceReference;

final class RankedTest {
    private final AtomicReference<List<String>> order = new AtomicReference<>(List.of());
    private final Ranked<String> ranked = new Ranked<>(order::set);

    private static ServiceReference<?> reference(long id, Object ranking) {
        return new FakeReference<>(id, Map.of("service.ranking", ranking));
    }

    @Test
    void theHighestRankingIsFirstAlsoWhereAFileSaysItAsText() {
        ranked.add(reference(1, 5), "five");
        ranked.add(reference(2, "10"), "ten");
        ranked.add(reference(3, " -3 "), "below");
        ranked.add(reference(4, "high"), "none");
        ranked.add(new FakeReference<>(5, Map.of()), "without");

        assertThat(order.get()).containsExactly("ten", "five", "none", "without", "below");
    }

    @Test
    void whatWasAddedIsRemovedAlsoWhenItsRankingHasChanged() {
        Map<String, Object> properties = new HashMap<>(Map.of("service.ranking", 1));
        ServiceReference<?> changing = new FakeReference<>(1, properties);
        ranked.add(changing, "changing");
        ranked.add(reference(2, 2), "two");
        ranked.add(reference(3, 3), "three");
        properties.put("service.ranking", 4);

        ranked.remove(changing);

        assertThat(order.get()).containsExactly("three", "two");
    }
}
