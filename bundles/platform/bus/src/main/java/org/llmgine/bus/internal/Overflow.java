package org.llmgine.bus.internal;

/** What happens to an event whose session's queue is full. */
enum Overflow {
    /** The publisher waits for room. */
    BLOCK,
    /** The oldest event gives way. */
    DROP_OLDEST,
    /** The new event is rejected. */
    REJECT_NEW,
    /** The publisher is delayed the more, the fuller the queue is. */
    ADAPTIVE
}
