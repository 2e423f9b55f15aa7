package org.llmgine.bus.internal;

import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what handlers and listeners throw into what may leave. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static LlmgineException interrupted() {
        return new LlmgineException(ErrorCode.CANCELLED, "The call was interrupted.");
    }

    /** What isn't a report of its own is logged here, once. */
    static LlmgineException contain(Throwable thrown, String name, String what) {
        return switch (thrown) {
            case LlmgineException report -> report;
            case InterruptedException interrupt ->
                new LlmgineException(ErrorCode.CANCELLED, "The call was interrupted.", interrupt);
            default -> {
                LOG.error("'{}' failed with {}.", name, what, thrown);
                yield new LlmgineException(
                                ErrorCode.PLUGIN_FAILED,
                                "'" + name + "' failed unexpectedly with " + what + ".",
                                thrown)
                        .withHint("The host's log has the cause.");
            }
        };
    }
}
