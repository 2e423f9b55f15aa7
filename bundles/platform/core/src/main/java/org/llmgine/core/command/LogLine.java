package org.llmgine.core.command;

import java.time.Instant;
import java.util.Optional;

/**
 * Hold one line of the host's log.
 *
 * @param time when it was written
 * @param level {@code AUDIT}, {@code ERROR}, {@code WARN}, {@code INFO}, {@code DEBUG} or {@code TRACE}
 * @param logger who wrote it: a class's name
 * @param message what it says, at most 4,000 characters of it
 * @param exception the first line of the exception
 */
public record LogLine(Instant time, String level, String logger, String message, Optional<String> exception) {}
