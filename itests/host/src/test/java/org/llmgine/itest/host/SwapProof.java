package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The promise, at length: whatever is replaced, and by whatever way, no live stream notices. */
@Tag("proof")
final class SwapProof {
    private static final int STREAMS = 200;
    private static final int ROUNDS = 100;
    private static final int ROUNDS_TO_ANOTHER = 5;
    private static final String LOADER = "org.apache.felix.framework.BundleWiringImpl$BundleClassLoader";
    private static final List<String> TYPES = List.of(
            "org.llmgine.itest.provider.scripted.internal.ScriptedProvider",
            "org.llmgine.itest.engine.echo.internal.EchoEngine",
            "org.llmgine.itest.tool.stamp.internal.StampTool");
    private static final Duration REST = Duration.ofMinutes(2);

    @Test
    @Timeout(3600)
    void noStreamNoticesThreeHundredUpgradesAndAHundredChangedSettings() throws Exception {
        try (Swap swap = new Swap("swap", STREAMS)) {
            Jvm jvm = new Jvm(swap.host().jvm());
            long loaders = jvm.instances(LOADER);
            long begin = System.nanoTime();
            for (int round = 0; round < ROUNDS; round++) {
                Swap.Way way = Swap.Way.values()[round % Swap.Way.values().length];
                for (Swap.Replaced plugin : Swap.Replaced.values()) {
                    swap.upgrade(plugin, way);
                }
                swap.changeSetting();
                if (round % ROUNDS_TO_ANOTHER == 0) {
                    swap.installAndRemoveAnother();
                }
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            int streams = swap.end();
            for (String type : TYPES) {
                Until.holds(
                        REST,
                        () -> jvm.generations(type) + " class loaders have " + type,
                        () -> jvm.generations(type) == 1);
            }
            List<Long> firstCalls = swap.firstCallNanos();
            long generations =
                    swap.plugin("scripted").path("figures").path("classLoaders").asLong();

            new Report("swap")
                    .add("streams that live at any time", STREAMS)
                    .add("streams in all", streams)
                    .add("whole, on one version and setting from begin to end", swap.whole())
                    .add(
                            "broken streams, failed requests, lost or repeated events",
                            swap.wrong().size())
                    .add("upgrades of the provider, the engine and the tool, each", ROUNDS)
                    .add("changed settings", ROUNDS)
                    .add("installs and removals of another plugin", ROUNDS / ROUNDS_TO_ANOTHER)
                    .add("time for all of it (s)", took.toSeconds())
                    .add("upload to the end of the first call on the new version, median (ms)", ms(firstCalls, 0.5))
                    .add("the same, 99 of 100 (ms)", ms(firstCalls, 0.99))
                    .add("bundles' class loaders in the heap before", loaders)
                    .add("bundles' class loaders in the heap at the end", jvm.instances(LOADER))
                    .add("class loaders with the provider's class, the engine's and the tool's, each", 1)
                    .add("class loaders of the provider that the host itself counts", generations)
                    .add("changes of other bundles", swap.changesOfOthers().size())
                    .write();
            assertThat(swap.wrong()).isEmpty();
            assertThat(swap.whole()).isEqualTo(streams);
            assertThat(swap.changesOfOthers()).isEmpty();
            assertThat(generations).isEqualTo(1);
        }
    }

    private static long ms(List<Long> nanos, double share) {
        return Duration.ofNanos(nanos.get((int) (share * (nanos.size() - 1)))).toMillis();
    }
}
