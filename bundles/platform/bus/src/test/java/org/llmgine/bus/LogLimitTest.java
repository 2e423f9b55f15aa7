package org.llmgine.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LogLimitTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE);
    private final LogLimit limit = new LogLimit(now::get);

    @Test
    void oneASecondIsLoggedAndTheOthersAreCounted() {
        assertThat(limit.next("a")).contains("");
        assertThat(limit.next("b")).isEmpty();
        now.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(limit.next("b")).isEmpty();
        now.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(limit.next("b")).contains(" (2 more failures of it weren't logged)");
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.next("a")).contains("");
    }

    @Test
    void whatIsLikeTheLastIsLoggedOnceAMinute() {
        assertThat(limit.next("a")).contains("");
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        assertThat(limit.next("a")).isEmpty();
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.next("a")).contains(" (1 more failures of it weren't logged)");
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.next("b")).contains("");
    }
}
