package org.llmgine.core.internal;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Is what the host knows of a session beside what is stored: the turns in progress. Everything is guarded by the lock. */
final class LiveSession {
    final ReentrantLock lock = new ReentrantLock();
    /** The turns in progress: the first one runs, the others wait for it. */
    final ArrayDeque<LiveTurn> line = new ArrayDeque<>();

    /** Whether the session was removed. */
    boolean removed;

    Optional<String> turn() {
        return Optional.ofNullable(line.peek()).map(LiveTurn::id);
    }
}
