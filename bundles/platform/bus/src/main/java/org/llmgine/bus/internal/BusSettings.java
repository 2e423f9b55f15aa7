package org.llmgine.bus.internal;

import java.time.Duration;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * The settings of the moment.
 *
 * @param capacity how many events of one session wait at most
 * @param overflow what happens then
 * @param highWater the fill above which a queue counts as full for those who watch, and delays under ADAPTIVE; 0 to 1
 * @param lowWater the fill below which that is over
 * @param maxDelay how long ADAPTIVE delays a publisher at most
 * @param blockTimeout how long BLOCK lets a publisher wait
 * @param listenerTimeout how long a listener may take
 * @param drainTimeout how long the bus waits for events when it stops, and for a listener whose bundle goes
 * @param maxHeld how many events are held before the bus starts
 * @param maxDeadLetters how many dead letters are kept
 */
record BusSettings(
        int capacity,
        Overflow overflow,
        double highWater,
        double lowWater,
        Duration maxDelay,
        Duration blockTimeout,
        Duration listenerTimeout,
        Duration drainTimeout,
        int maxHeld,
        int maxDeadLetters) {
    static final BusSettings DEFAULT = new BusSettings(
            10_000,
            Overflow.BLOCK,
            0.8,
            0.5,
            Duration.ofMillis(100),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            10_000,
            10_000);

    BusSettings {
        if (!(0 < lowWater && lowWater < highWater && highWater <= 1)) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "'lowWater' must be above 0 and below 'highWater', which is at most 1.")
                    .withField("lowWater");
        }
    }

    static BusSettings of(BusConfig config) {
        return new BusSettings(
                config.queueCapacity(),
                config.overflow(),
                config.highWaterPercent() / 100.0,
                config.lowWaterPercent() / 100.0,
                Duration.ofMillis(config.maxDelayMs()),
                Duration.ofMillis(config.blockTimeoutMs()),
                Duration.ofMillis(config.listenerTimeoutMs()),
                Duration.ofMillis(config.drainTimeoutMs()),
                config.queueCapacity(),
                config.maxDeadLetters());
    }

    BusSettings withQueue(int room, Overflow policy) {
        return new BusSettings(
                room,
                policy,
                highWater,
                lowWater,
                maxDelay,
                blockTimeout,
                listenerTimeout,
                drainTimeout,
                maxHeld,
                maxDeadLetters);
    }

    BusSettings withTimeouts(Duration block, Duration listener, Duration drain) {
        return new BusSettings(
                capacity, overflow, highWater, lowWater, maxDelay, block, listener, drain, maxHeld, maxDeadLetters);
    }
}
