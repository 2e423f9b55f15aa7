package org.llmgine.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jline.reader.Candidate;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a person types: several lines after a backslash or within a fence of three backticks, completed commands, and a
 * history that is kept in a file for its user only.
 */
final class Input {
    private static final String FENCE = "```";

    /**
     * A line as far as it is typed.
     *
     * @param line all of it
     * @param cursor where the cursor is
     * @param words the words up to the cursor, the last one possibly empty
     */
    private record Typed(String line, int cursor, List<String> words) implements CompletingParsedLine {
        @Override
        public String word() {
            return words.getLast();
        }

        @Override
        public int wordCursor() {
            return word().length();
        }

        @Override
        public int wordIndex() {
            return words.size() - 1;
        }

        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate;
        }

        @Override
        public int rawWordCursor() {
            return wordCursor();
        }

        @Override
        public int rawWordLength() {
            return wordCursor();
        }
    }

    private final LineReader reader;

    /**
     * Read from a terminal.
     *
     * @param history the file of the history; null to keep none
     * @param complete gives what may stand in place of the last of some words
     */
    Input(Terminal terminal, @Nullable Path history, Function<List<String>, List<Candidate>> complete) {
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .appName("llmgine")
                .terminal(terminal)
                .parser(Input::parse)
                .completer((_, line, candidates) -> {
                    if (line.line().startsWith("/")) {
                        candidates.addAll(complete.apply(line.words()));
                    }
                })
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "  ")
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.INSERT_TAB, false);
        if (history != null) {
            builder.variable(LineReader.HISTORY_FILE, history);
        }
        reader = builder.build();
    }

    /**
     * Read one input; backslashes at the ends of lines are gone.
     *
     * @param begin what stands there already
     * @throws org.jline.reader.UserInterruptException after Ctrl-C
     * @throws org.jline.reader.EndOfFileException after Ctrl-D
     */
    String read(String prompt, String begin) {
        return reader.readLine(prompt, null, (Character) null, begin).replace("\\\n", "\n");
    }

    /** Read one line that is not kept in the history; throws as {@link #read} does. */
    String ask(String prompt) {
        reader.setVariable(LineReader.DISABLE_HISTORY, true);
        try {
            return read(prompt, "").strip();
        } finally {
            reader.setVariable(LineReader.DISABLE_HISTORY, false);
        }
    }

    private static ParsedLine parse(String line, int cursor, Parser.ParseContext context) {
        if (context == Parser.ParseContext.ACCEPT_LINE) {
            long fences = line.lines()
                    .filter(text -> text.stripLeading().startsWith(FENCE))
                    .count();
            if (line.endsWith("\\") || fences % 2 != 0) {
                throw new EOFError(-1, cursor, "more lines follow");
            }
        }
        return new Typed(line, cursor, Arrays.asList(line.substring(0, cursor).split(" +", -1)));
    }

    /** Return the file of the history in the user's folder for state, made for its user only; null where that is not possible. */
    static @Nullable Path history(Io io) {
        String state = io.variable("XDG_STATE_HOME", "");
        String home = io.variable("HOME", "");
        if (state.isEmpty() && home.isEmpty()) {
            return null;
        }
        try {
            Path folder = (state.isEmpty() ? Path.of(home, ".local", "state") : Path.of(state)).resolve("llmgine");
            Path file = folder.resolve("history");
            boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
            Files.createDirectories(folder, posix ? forUser("rwx------") : new FileAttribute<?>[0]);
            if (!Files.exists(file)) {
                Files.createFile(file, posix ? forUser("rw-------") : new FileAttribute<?>[0]);
            }
            return file;
        } catch (IOException e) {
            return null; // a conversation works without
        }
    }

    private static FileAttribute<?>[] forUser(String permissions) {
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
