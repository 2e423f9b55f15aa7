package org.llmgine.bus.internal;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Makes ids that no other host and no other run makes. */
final class Ids {
    private static final int RADIX = 36;

    private final String prefix;
    private final AtomicLong last = new AtomicLong();

    Ids() {
        prefix = "msg_" + Long.toUnsignedString(new SecureRandom().nextLong(), RADIX) + "-";
    }

    String next() {
        return prefix + Long.toString(last.incrementAndGet(), RADIX);
    }
}
