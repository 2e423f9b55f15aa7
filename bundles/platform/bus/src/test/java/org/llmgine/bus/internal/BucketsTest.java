package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

final class BucketsTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** Close to the end of the numbers, where they turn negative. */
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - SECOND);

    private Buckets buckets(double rate, int burst) {
        return new Buckets(rate, burst, clock::get);
    }

    private void pass(double seconds) {
        clock.addAndGet((long) (seconds * SECOND));
    }

    @Test
    void aBurstPassesAndThenTheRate() {
        Buckets buckets = buckets(2, 2);

        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isEqualTo(SECOND / 2);
        pass(0.5);
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isPositive();
        pass(10);
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isPositive();
    }

    @Test
    void whoWaitsTakesATokenThatWillBeThere() {
        Buckets buckets = buckets(10, 1);
        buckets.take("a", 0);

        assertThat(buckets.take("a", SECOND)).isEqualTo(SECOND / 10);
        assertThat(buckets.take("a", SECOND)).isEqualTo(SECOND / 5);
        assertThat(buckets.take("a", 1)).isEqualTo(3 * SECOND / 10);
        assertThat(buckets.take("a", SECOND)).isEqualTo(3 * SECOND / 10);
    }

    @Test
    void keysDontCountForEachOther() {
        Buckets buckets = buckets(1, 1);

        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("b", 0)).isZero();
        assertThat(buckets.take("a", 0)).isPositive();
    }

    @Test
    void aRateBelowOnePerSecondWorks() {
        Buckets buckets = buckets(0.1, 0);

        assertThat(buckets.take("a", 0)).isZero();
        pass(9.9);
        assertThat(buckets.take("a", 0)).isPositive();
        pass(0.1);
        assertThat(buckets.take("a", 0)).isZero();
    }

    @Test
    void withoutABurstItIsASecondsWorth() {
        Buckets buckets = buckets(3, 0);

        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isPositive();
    }

    @Test
    void keysWhoseBucketsAreFullAreForgotten() {
        Buckets buckets = buckets(0.05, 1);
        buckets.take("old", 0);
        pass(15);
        buckets.take("young", 0);
        assertThat(buckets.size()).isEqualTo(2);

        pass(12);
        buckets.take("young", 0);

        assertThat(buckets.size()).isEqualTo(1);
        assertThat(buckets.take("young", 0)).isEqualTo(8 * SECOND);
    }

    @Test
    void noMoreTokensAreTakenThanThereAreByManyThreads() throws Exception {
        Buckets buckets = buckets(1, 100);
        AtomicInteger taken = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
            Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 50; n++) {
                    if (buckets.take("a", 0) == 0) {
                        taken.incrementAndGet();
                    }
                }
                done.countDown();
            });
        }
        done.await();

        assertThat(taken).hasValue(100);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, permitsPerSecond",
        "-1, 1, permitsPerSecond",
        "NaN, 1, permitsPerSecond",
        "2000000, 1, permitsPerSecond",
        "1, -1, burst",
        "1, 100001, burst"
    })
    void badNumbersAreRefusedByName(double rate, int burst, String field) {
        assertThatThrownBy(() -> buckets(rate, burst)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains(field);
        });
    }
}
