package org.llmgine.bus.internal;

import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.LogLimit;
import org.slf4j.Logger;

/** Turns what handlers and listeners throw into what may leave. */
final class Failures {
    private Failures() {}

    static LlmgineException interrupted() {
        return new LlmgineException(ErrorCode.CANCELLED, "The call was interrupted.");
    }

    /** What isn't a report of its own keeps its cause for the log. */
    static LlmgineException contain(Throwable thrown, String name, String what) {
        return switch (thrown) {
            case LlmgineException report -> report;
            case InterruptedException interrupt ->
                new LlmgineException(ErrorCode.CANCELLED, "The call was interrupted.", interrupt);
            default ->
                new LlmgineException(
                                ErrorCode.PLUGIN_FAILED,
                                "'" + name + "' failed unexpectedly with " + what + ".",
                                thrown)
                        .withHint("The host's log has the cause.");
        };
    }

    /** Log a failure of something that was registered, with the cause of what it didn't report itself; see {@link LogLimit}. */
    static void log(Logger log, Entry entry, LlmgineException failure, String what) {
        Throwable cause = failure.getCause();
        String kind = cause == null ? failure.code().name() : cause.getClass().getName();
        entry.logs().next(kind + " with " + what).ifPresent(more -> {
            if (failure.code().equals(ErrorCode.PLUGIN_FAILED)) {
                log.error("'{}' failed with {}.{}", entry.name(), what, more, cause);
            } else {
                log.warn("'{}' failed with {}: {}{}", entry.name(), what, failure.getMessage(), more);
            }
        });
    }
}
