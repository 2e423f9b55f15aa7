package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.List;

/**
 * What is done about failures of some types of messages.
 *
 * @param types the types' names, as topics
 * @param retries how often a command is tried again
 * @param retryDelay the pause before the first retry; it doubles for each further one
 * @param retryMaxDelay the longest pause
 * @param jitter whether the pauses vary by half
 * @param breakerFailures after how many failures within the window a command is left alone; 0 for never
 * @param breakerWindow the time in which failures count
 * @param breakerDelay how long it is left alone before the next try
 * @param breakerSuccesses how many tries must succeed then
 * @param deadLetter whether what is given up is kept
 */
record MessagePolicy(
        List<TopicPattern> types,
        int retries,
        Duration retryDelay,
        Duration retryMaxDelay,
        boolean jitter,
        int breakerFailures,
        Duration breakerWindow,
        Duration breakerDelay,
        int breakerSuccesses,
        boolean deadLetter) {}
