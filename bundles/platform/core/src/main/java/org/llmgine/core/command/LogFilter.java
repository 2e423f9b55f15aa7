package org.llmgine.core.command;

import java.util.Objects;

/**
 * Say which lines of the log are wanted.
 *
 * @param level the least level: {@code ERROR}, {@code WARN}, {@code INFO}, {@code DEBUG} or {@code TRACE}, in any case
 * @param logger what the logger's name begins with; empty for all
 * @param limit how many of the latest lines, 0 to {@value #MOST}
 */
public record LogFilter(String level, String logger, int limit) {
    /** So many lines are kept. */
    public static final int MOST = 2000;

    /** Check that all are given. */
    public LogFilter {
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(logger, "logger");
    }
}
