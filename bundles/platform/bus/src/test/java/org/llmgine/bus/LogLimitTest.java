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
        assertThat(limit.next("a")).isZero();
        assertThat(limit.next("b")).isEqualTo(-1);
        now.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(limit.next("b")).isEqualTo(-1);
        now.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(limit.next("b")).isEqualTo(2);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.next("a")).isZero();
    }

    @Test
    void whatIsLikeTheLastIsLoggedOnceAMinute() {
        assertThat(limit.next("a")).isZero();
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        assertThat(limit.next("a")).isEqualTo(-1);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.next("a")).isEqualTo(1);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.next("b")).isZero();
    }

    @Test
    void whatWasNotLoggedIsSaidBehindTheSentence() {
        assertThat(LogLimit.more(0)).isEmpty();
        assertThat(LogLimit.more(2)).isEqualTo(" (2 more failures of it weren't logged)");
    }
}
