package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The short form of {@link SwapProof}. */
final class SwapIT {
    private static final int STREAMS = 20;

    @Test
    void streamsLiveThroughUpgradesByAllWaysAndChangedSettings() throws Exception {
        try (Swap swap = new Swap("swap-short", STREAMS)) {
            for (Swap.Way way : Swap.Way.values()) {
                for (Swap.Replaced plugin : Swap.Replaced.values()) {
                    swap.upgrade(plugin, way);
                }
                swap.changeSetting();
                swap.installAndRemoveAnother();
            }
            int streams = swap.end();

            assertThat(swap.wrong()).isEmpty();
            assertThat(streams).isEqualTo(swap.whole()).isGreaterThanOrEqualTo(STREAMS);
            assertThat(swap.changesOfOthers()).isEmpty();
        }
    }
}
