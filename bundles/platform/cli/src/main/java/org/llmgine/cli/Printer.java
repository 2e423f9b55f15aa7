package org.llmgine.cli;

/** Prints an answer that comes in pieces to the standard output, and remarks to the standard error. */
final class Printer {
    private final Io io;
    private volatile boolean midLine;

    Printer(Io io) {
        this.io = io;
    }

    /** Print a piece; what steers a terminal is kept from a person's. */
    void print(String piece) {
        String shown = io.interactive().getAsBoolean() ? Text.plain(piece) : piece;
        if (!shown.isEmpty()) {
            io.out().print(shown);
            midLine = !shown.endsWith("\n");
        }
    }

    /** Send what is printed on its way; false when nobody reads on, as behind "| head". */
    boolean flush() {
        return !io.out().checkError();
    }

    /** Say something about the answer. */
    void note(String text) {
        endLine();
        io.err().println("llmgine: " + text);
    }

    /** Say why an answer isn't whole, when its reason to end is one of those. */
    void finish(String reason) {
        switch (reason) {
            case "length" -> note("The answer is cut at the token limit.");
            case "content_filter" -> note("The answer is cut by the provider's content filter.");
            default -> {}
        }
    }

    /** Let the shell's prompt begin on a line of its own. */
    void endLine() {
        if (midLine) {
            midLine = false;
            io.out().println();
            io.out().flush();
        }
    }
}
