package org.llmgine.core.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.spi.SettingsStore;

/** Keeps settings in memory. */
final class InMemorySettingsStore implements SettingsStore {
    final List<State> states = new CopyOnWriteArrayList<>();

    @Override
    public List<State> current() {
        Map<String, State> newest = states.stream()
                .collect(Collectors.toMap(
                        State::pid, state -> state, BinaryOperator.maxBy(Comparator.comparingLong(State::version))));
        return List.copyOf(newest.values());
    }

    @Override
    public List<State> history(String pid, long before, int limit) {
        return states.stream()
                .filter(state -> state.pid().equals(pid) && state.version() < before)
                .sorted(Comparator.comparingLong(State::version).reversed())
                .limit(limit)
                .toList();
    }

    @Override
    public void append(State state, int kept) {
        if (states.stream().anyMatch(other -> other.pid().equals(state.pid()) && other.version() == state.version())) {
            throw new LlmgineException(ErrorCode.BUSY, "Somebody else changed it.");
        }
        states.add(state);
    }
}
