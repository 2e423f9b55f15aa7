package org.llmgine.itest.host;

import java.time.Duration;

/** The host's default heartbeat, twice, and what a busy machine may add. */
final class Heartbeats {
    static final Duration TWO = Duration.ofMillis(2 * 5_000 + 20_000);

    private Heartbeats() {}
}
