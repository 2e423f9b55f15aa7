package org.llmgine.tool.clock.internal;

import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds the zones that somebody may have meant. */
final class SimilarZones {
    private static final int MAX_FOUND = 3;
    private static final int MAX_LENGTH = 40;

    private SimilarZones() {}

    /** Return up to three zones whose name or city is nearest to what was asked for; none if nothing is near. */
    static List<String> of(String asked) {
        String wanted = normal(asked);
        if (wanted.length() > MAX_LENGTH) {
            return List.of();
        }
        NavigableMap<Integer, Set<String>> zones = ZoneId.getAvailableZoneIds().stream()
                .collect(Collectors.groupingBy(
                        zone -> distance(wanted, zone), TreeMap::new, Collectors.toCollection(TreeSet::new)));
        return zones.firstKey() > wanted.length() / 3
                ? List.of()
                : zones.firstEntry().getValue().stream().limit(MAX_FOUND).toList();
    }

    private static int distance(String wanted, String zone) {
        String name = normal(zone);
        String city = name.substring(name.lastIndexOf('/') + 1);
        String wantedCity = wanted.substring(wanted.lastIndexOf('/') + 1);
        return Math.min(edits(wanted, name), edits(wantedCity, city));
    }

    private static String normal(String zone) {
        return zone.toLowerCase(Locale.ROOT).replace(' ', '_');
    }

    /** Count the insertions, deletions and replacements between two texts (Levenshtein). */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
