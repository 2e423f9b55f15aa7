package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import org.junit.jupiter.api.Test;
import org.llmgine.bus.internal.Shop.Count;
import org.llmgine.bus.internal.Shop.Place;
import org.llmgine.bus.internal.Shop.Placed;

final class TimingInterceptorTest {
    private static final String PLACE = "llmgine_bus_timing_command_seconds{type=\"shop/order/place\"}";

    private final MetricRegistry registry = new MetricRegistry();

    private TimingInterceptor interceptor(Object... settings) {
        return new TimingInterceptor(Settings.of(TimingConfig.class, settings), registry);
    }

    @Test
    void eachTypeHasItsFigures() throws Exception {
        TimingInterceptor interceptor = interceptor();
        for (int i = 0; i < 3; i++) {
            interceptor.aroundCommand(new Place("a"), FakeContext.NONE, () -> "done");
        }
        interceptor.aroundCommand(new Count("a"), FakeContext.NONE, () -> "done");
        interceptor.aroundEvent(new Placed("a"), FakeContext.NONE, () -> {});
        interceptor.aroundListener(new Placed("a"), FakeContext.NONE, "stock", () -> {});

        assertThat(registry.getTimers())
                .containsOnlyKeys(
                        PLACE,
                        "llmgine_bus_timing_command_seconds{type=\"shop/stock/count\"}",
                        "llmgine_bus_timing_event_seconds{type=\"shop/order/placed\"}",
                        "llmgine_bus_timing_listener_seconds{type=\"shop/order/placed\"}");
        Timer place = registry.timer(PLACE);
        Snapshot times = place.getSnapshot();
        assertThat(place.getCount()).isEqualTo(3);
        assertThat(times.getMin()).isPositive().isLessThanOrEqualTo(times.getMax());
        assertThat(times.getMean()).isBetween((double) times.getMin(), (double) times.getMax());
        assertThat(times.getMedian()).isBetween((double) times.getMin(), times.get99thPercentile());
    }

    @Test
    void failuresAreTimedAndGoOn() {
        assertThatThrownBy(() -> interceptor().aroundCommand(new Place("a"), FakeContext.NONE, () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(registry.timer(PLACE).getCount()).isEqualTo(1);
    }

    @Test
    void figuresAreOfBoundedSize() throws Exception {
        TimingInterceptor interceptor = interceptor();
        for (int i = 0; i < 5000; i++) {
            interceptor.aroundCommand(new Place("a"), FakeContext.NONE, () -> "done");
        }

        assertThat(registry.timer(PLACE).getCount()).isEqualTo(5000);
        assertThat(registry.timer(PLACE).getSnapshot().size()).isLessThan(2000);
    }

    @Test
    void otherTopicsAreNotTimed() throws Exception {
        interceptor("topics", Settings.list("shop/stock/*"))
                .aroundCommand(new Place("a"), FakeContext.NONE, () -> "done");

        assertThat(registry.getTimers()).isEmpty();
    }

    @Test
    void nothingStaysBehindAlsoOfWhatEndsLater() throws Exception {
        TimingInterceptor interceptor = interceptor();
        interceptor.aroundCommand(new Place("a"), FakeContext.NONE, () -> {
            interceptor.aroundCommand(new Count("a"), FakeContext.NONE, () -> "done");
            interceptor.close();
            assertThat(registry.getTimers()).isEmpty();
            return "done";
        });

        assertThat(registry.getTimers()).isEmpty();
    }
}
