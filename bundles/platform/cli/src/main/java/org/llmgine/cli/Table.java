package org.llmgine.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Lays out rows in columns that fit the terminal: the widest column gives way first, the first one, which is what other
 * commands take, never. Where that isn't enough, the other columns stand below the first one.
 */
final class Table {
    private static final int GAP = 2;
    private static final int NARROWEST = 6;

    private final List<String[]> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(headings);
    }

    /** Add a row of as many cells as there are headings. */
    Table row(String... cells) {
        rows.add(Arrays.stream(cells).map(Text::line).toArray(String[]::new));
        return this;
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    /** Return the lines, at most so many columns wide where that is possible. */
    List<String> lines(int width) {
        int[] columns = fitted(width);
        List<String> lines = new ArrayList<>();
        if (excess(columns, width) > 0) {
            for (String[] row : rows.subList(1, rows.size())) {
                lines.add(row[0]);
                String rest = Arrays.stream(row)
                        .skip(1)
                        .filter(cell -> !cell.isEmpty())
                        .collect(Collectors.joining(", "));
                lines.add("  " + Text.cut(rest, width - GAP));
            }
            return lines;
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns.length; i++) {
                String cell = Text.cut(row[i], columns[i]);
                line.append(cell).repeat(' ', columns[i] - Text.width(cell) + GAP);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private int[] fitted(int width) {
        int[] columns = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < columns.length; i++) {
                columns[i] = Math.max(columns[i], Text.width(row[i]));
            }
        }
        shrink(
                columns,
                width,
                Arrays.stream(rows.getFirst()).mapToInt(Text::width).toArray());
        int[] narrowest = new int[columns.length];
        Arrays.fill(narrowest, NARROWEST);
        shrink(columns, width, narrowest);
        return columns;
    }

    private static void shrink(int[] columns, int width, int[] narrowest) {
        for (long excess = excess(columns, width); excess > 0; excess--) {
            int widest = 0;
            for (int i = 1; i < columns.length; i++) {
                if (columns[i] > narrowest[i] && (widest == 0 || columns[i] > columns[widest])) {
                    widest = i;
                }
            }
            if (widest == 0) {
                return;
            }
            columns[widest]--;
        }
    }

    private static long excess(int[] columns, int width) {
        return (long) Arrays.stream(columns).sum() + (long) GAP * (columns.length - 1) - width;
    }
}
