package org.llmgine.bus.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.spi.DeadLetterStore;

/** Keeps dead letters for as long as it lives: for tests. */
public final class InMemoryDeadLetters implements DeadLetterStore {
    private final Map<String, DeadLetter> letters = new LinkedHashMap<>();

    @Override
    public synchronized void put(DeadLetter letter) {
        letters.put(letter.id(), letter);
    }

    @Override
    public synchronized Optional<DeadLetter> find(String id) {
        return Optional.ofNullable(letters.get(id));
    }

    @Override
    public synchronized List<DeadLetter> list(String type, String after, int limit) {
        List<DeadLetter> all = new ArrayList<>(letters.values());
        int begin = after.isEmpty() ? 0 : all.indexOf(letters.get(after)) + 1;
        return all.subList(begin, all.size()).stream()
                .filter(letter -> type.isEmpty() || letter.message().type().equals(type))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized int count() {
        return letters.size();
    }

    @Override
    public synchronized boolean remove(String id) {
        return letters.remove(id) != null;
    }

    @Override
    public synchronized int removeAll(String type) {
        int before = letters.size();
        letters.values()
                .removeIf(letter -> type.isEmpty() || letter.message().type().equals(type));
        return before - letters.size();
    }
}
