package org.llmgine.http.internal;

import java.util.List;

/** Understands the options of a model call that chats and sessions share. */
final class Sampling {
    private static final int MAX_STOPS = 4;

    private Sampling() {}

    static double temperature(At at) {
        return at.number(0, 2);
    }

    static double topP(At at) {
        return at.number(0, 1);
    }

    static List<String> stop(At at) {
        if (at.isText()) {
            return List.of(at.text("a string that isn't empty"));
        }
        List<At> items = at.items();
        if (items.size() > MAX_STOPS) {
            throw at.invalid("must have at most " + MAX_STOPS + " items, got " + items.size());
        }
        return items.stream()
                .map(item -> item.text("a string that isn't empty"))
                .toList();
    }
}
