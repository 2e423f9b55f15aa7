package org.llmgine.bus.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who is called with events of one class.
 *
 * @param groups one group after the other, highest ranking first; those of one group together
 */
record Plan(ListenerEntry[][] groups) {
    static Plan of(Class<?> event, Stream<ListenerEntry> listeners) {
        List<ListenerEntry> wanting = listeners
                .filter(entry -> entry.wants(event))
                .sorted(Comparator.comparingInt(ListenerEntry::ranking).reversed())
                .toList();
        List<ListenerEntry[]> groups = new ArrayList<>();
        int begin = 0;
        for (int i = 1; i <= wanting.size(); i++) {
            if (i == wanting.size()
                    || wanting.get(i).ranking() != wanting.get(begin).ranking()) {
                groups.add(wanting.subList(begin, i).toArray(ListenerEntry[]::new));
                begin = i;
            }
        }
        return new Plan(groups.toArray(ListenerEntry[][]::new));
    }

    boolean isEmpty() {
        return groups.length == 0;
    }
}
