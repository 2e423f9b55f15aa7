package org.llmgine.bus.internal;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Knows which sessions' events wait for which other sessions' ones, so that no wait closes a circle. Thread-safe. */
final class WaitGraph {
    private final Map<String, Map<String, Integer>> waits = new HashMap<>();

    /**
     * Note that an event of a session waits for another session.
     *
     * @return whether it may; false when the other one waits for it already
     */
    synchronized boolean enter(String session, String other) {
        if (reaches(other, session)) {
            return false;
        }
        waits.computeIfAbsent(session, key -> new HashMap<>()).merge(other, 1, Integer::sum);
        return true;
    }

    synchronized void leave(String session, String other) {
        waits.computeIfPresent(session, (key, others) -> {
            others.computeIfPresent(other, (name, count) -> count == 1 ? null : count - 1);
            return others.isEmpty() ? null : others;
        });
    }

    private boolean reaches(String from, String target) {
        Set<String> seen = new HashSet<>();
        ArrayDeque<String> next = new ArrayDeque<>();
        next.add(from);
        while (!next.isEmpty()) {
            String session = next.remove();
            if (session.equals(target)) {
                return true;
            }
            if (seen.add(session)) {
                next.addAll(waits.getOrDefault(session, Map.of()).keySet());
            }
        }
        return false;
    }
}
