package org.llmgine.cli;

import java.io.PrintWriter;
import java.util.List;
import org.jline.terminal.Terminal;

/**
 * Writes to a person's terminal: text that comes in pieces and is broken between words, lines, and below them lines that
 * change. A terminal that can't move its cursor gets plain lines only. For one thread.
 */
final class Screen {
    /** A look; plain where colours aren't wanted. */
    enum Look {
        PLAIN(""),
        DIM("\033[2m"),
        BOLD("\033[1m"),
        GOOD("\033[32m"),
        BAD("\033[31m");

        private final String begin;

        Look(String begin) {
            this.begin = begin;
        }
    }

    private static final int USUAL_WIDTH = 80;
    private static final String FENCE = "```";

    private final Terminal terminal;
    private final PrintWriter out;
    private final boolean moving;
    private final boolean looks;

    private int changing;
    private boolean below;
    private int column;
    private boolean fenced;
    private final StringBuilder lineBegin = new StringBuilder();
    private final StringBuilder word = new StringBuilder();

    /**
     * Write to a terminal.
     *
     * @param looks whether text may be dim, bold or coloured
     */
    Screen(Terminal terminal, boolean looks) {
        this.terminal = terminal;
        this.out = terminal.writer();
        this.moving = !terminal.getType().startsWith("dumb");
        this.looks = looks && moving;
    }

    /** Whether lines can change. */
    boolean moving() {
        return moving;
    }

    /** Return how many columns a line may have without touching the edge. */
    int width() {
        return (terminal.getWidth() > 1 ? terminal.getWidth() : USUAL_WIDTH) - 1;
    }

    String styled(Look look, String text) {
        return looks && look != Look.PLAIN ? look.begin + text + "\033[0m" : text;
    }

    /** Write a piece of running text. */
    void text(Look look, String piece) {
        erase();
        StringBuilder written = new StringBuilder();
        Text.plain(piece).codePoints().forEach(c -> write(written, c));
        out.print(styled(look, written.toString()));
        out.flush();
    }

    private void write(StringBuilder written, int c) {
        if (c == '\n') {
            written.append('\n');
            newLine();
            lineBegin.setLength(0);
            return;
        }
        if (lineBegin.length() < FENCE.length()) {
            lineBegin.appendCodePoint(c);
            if (FENCE.contentEquals(lineBegin)) {
                fenced = !fenced;
            }
        }
        int width = c == '\t' ? 8 - column % 8 : Text.width(c);
        if (moving && !fenced && column + width > width()) {
            if (c == ' ') {
                written.append('\n');
                newLine();
                return;
            }
            breakLine(written);
        }
        written.appendCodePoint(c);
        column += width;
        if (c == ' ' || c == '\t' || width > 1) {
            word.setLength(0);
        } else {
            word.appendCodePoint(c);
        }
    }

    /** Take the word that no longer fits to the next line, unless it fills the line by itself. */
    private void breakLine(StringBuilder written) {
        int taken = Text.width(word.toString());
        if (taken > 0 && taken < column) {
            written.append("\033[").append(taken).append("D\033[K\n").append(word);
            column = taken;
        } else {
            written.append('\n');
            newLine();
        }
    }

    private void newLine() {
        column = 0;
        word.setLength(0);
    }

    /** End the line of running text, if one is begun. */
    void endLine() {
        freshLine();
        out.flush();
    }

    private void freshLine() {
        erase();
        if (column > 0) {
            out.println();
        }
        newLine();
        lineBegin.setLength(0);
        fenced = false;
    }

    /** Write a line of its own. */
    void line(String line) {
        freshLine();
        out.println(line);
        out.flush();
    }

    /**
     * Show lines below all others in place of the former ones; each is cut to the width. Running text goes on above them, but
     * in a fence, whose lines may be longer than the terminal is wide.
     */
    void change(List<String> lines, Look look) {
        if (!moving) {
            return;
        }
        if (fenced) {
            freshLine();
        }
        erase();
        below = column > 0;
        for (String line : lines) {
            out.print((changing > 0 || below ? "\n" : "") + styled(look, Text.cut(line, width())));
            changing++;
        }
        out.flush();
    }

    private void erase() {
        if (changing > 0) {
            StringBuilder up = new StringBuilder("\r\033[K");
            up.repeat("\033[A\033[K", changing - 1);
            if (below) {
                up.append("\033[A\033[").append(column).append('C');
            }
            out.print(up);
            changing = 0;
        }
    }
}
