package org.llmgine.itest.host;

import java.util.List;
import java.util.stream.IntStream;

/** The numbered words that the scripted provider's step {@code paced} says. */
final class Numbered {
    private Numbered() {}

    static List<String> words(int count) {
        return IntStream.range(0, count).mapToObj(Numbered::word).toList();
    }

    static String word(int number) {
        return "w" + number + " ";
    }
}
