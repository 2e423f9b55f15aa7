package org.llmgine.shell.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.karaf.shell.support.table.Col;
import org.apache.karaf.shell.support.table.ShellTable;

/**
 * Lays out rows for the terminal's width: columns that can be done without are left out, the rightmost first, then texts are
 * cut. {@link ShellTable} by itself shrinks the last column only, to nothing.
 */
final class Table {
    /** What a column's cells are, and what becomes of them where there is no room. */
    enum Kind {
        /** Are kept whole. */
        NAME,
        /** Are cut. */
        TEXT,
        /** Are numbers, and kept. */
        FIGURE,
        /** Are left out. */
        DETAIL,
        /** Are numbers, and left out. */
        FIGURE_DETAIL
    }

    private record Column(String heading, Kind kind) {}

    private static final int SEPARATOR = 3;
    private static final int SHORT_TEXT = 24;
    private static final int SHORTEST_TEXT = 6;

    private final String empty;
    private final List<Column> columns = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>();

    /**
     * Begin a table.
     *
     * @param empty what is printed when there are no rows
     */
    Table(String empty) {
        this.empty = empty;
    }

    Table column(String heading, Kind kind) {
        columns.add(new Column(heading, kind));
        return this;
    }

    /** Add a row of as many cells as there are columns. */
    void row(Object... cells) {
        rows.add(Arrays.stream(cells).map(Object::toString).toArray(String[]::new));
    }

    void print(PrintStream out, int width, boolean format) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = columns.get(i).heading().length();
            for (String[] row : rows) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        List<Integer> shown = shown(widths, width);
        cut(widths, shown, width);
        ShellTable table = new ShellTable().emptyTableText(empty);
        for (int i : shown) {
            Column column = columns.get(i);
            Col col = table.column(column.heading());
            if (column.kind() == Kind.FIGURE || column.kind() == Kind.FIGURE_DETAIL) {
                col.alignRight();
            }
        }
        for (String[] row : rows) {
            table.addRow()
                    .addContent(shown.stream().map(i -> cut(row[i], widths[i])).toArray());
        }
        table.print(out, format);
    }

    /** Return the columns that are shown when texts may be short. */
    private List<Integer> shown(int[] widths, int width) {
        List<Integer> shown = new ArrayList<>();
        int[] least = widths.clone();
        for (int i = 0; i < widths.length; i++) {
            shown.add(i);
            if (columns.get(i).kind() == Kind.TEXT) {
                least[i] = Math.min(SHORT_TEXT, widths[i]);
            }
        }
        for (int i = widths.length - 1; i >= 0; i--) {
            Kind kind = columns.get(i).kind();
            if (excess(least, shown, width) > 0 && (kind == Kind.DETAIL || kind == Kind.FIGURE_DETAIL)) {
                shown.remove((Integer) i);
            }
        }
        return shown;
    }

    private void cut(int[] widths, List<Integer> shown, int width) {
        for (long excess = excess(widths, shown, width); excess > 0; excess--) {
            int widest = -1;
            for (int i : shown) {
                if (columns.get(i).kind() == Kind.TEXT
                        && widths[i] > SHORTEST_TEXT
                        && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private static long excess(int[] widths, List<Integer> shown, int width) {
        return shown.stream().mapToLong(i -> widths[i] + SEPARATOR).sum() - SEPARATOR - width;
    }

    private static String cut(String cell, int width) {
        return cell.length() <= width ? cell : cell.substring(0, width - 1).stripTrailing() + "…";
    }
}
