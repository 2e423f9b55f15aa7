package org.llmgine.core.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import org.llmgine.api.LlmgineException;

/** Helps whoever mistyped a name. */
final class NearNames {
    private static final int MAX_LISTED = 10;

    private NearNames() {}

    /** Add a hint that names the nearest name, or else what there is. */
    static LlmgineException hint(LlmgineException failure, String name, Collection<String> known) {
        return failure.withHint(hint(name, known));
    }

    /** Name the nearest name, or else what there is. */
    static String hint(String name, Collection<String> known) {
        if (known.isEmpty()) {
            return "There is none at present.";
        }
        Optional<String> near = known.stream()
                .filter(candidate -> distance(name, candidate) <= Math.max(2, name.length() / 3))
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
        if (near.isPresent()) {
            return "Did you mean '" + near.get() + "'?";
        }
        String listed = known.stream().sorted().limit(MAX_LISTED).collect(Collectors.joining(", "));
        return "There are: " + listed + (known.size() > MAX_LISTED ? ", …" : "") + ".";
    }

    /** Count the single-character edits between two names (Levenshtein), letter case aside. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                boolean same = Character.toLowerCase(from.charAt(i - 1)) == Character.toLowerCase(to.charAt(j - 1));
                int changed = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(diagonal, row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
