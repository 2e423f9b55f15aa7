package org.llmgine.core.session;

import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Tell why a turn ended without an answer.
 *
 * @param code the stable code
 * @param message one sentence for people
 * @param hint what would mend it
 * @param field the field at fault
 */
public record TurnFailure(ErrorCode code, String message, Optional<String> hint, Optional<String> field) {
    /** The host stopped, or died, while the turn waited or ran. */
    public static final TurnFailure INTERRUPTED = new TurnFailure(
            ErrorCode.INTERRUPTED,
            "The host stopped while the turn was in progress.",
            Optional.empty(),
            Optional.empty());

    /** Describe an exception. */
    public static TurnFailure of(LlmgineException failure) {
        return new TurnFailure(failure.code(), failure.getMessage(), failure.hint(), failure.field());
    }

    /** Make an exception of it, for callers who waited for the turn's end. */
    public LlmgineException toException() {
        LlmgineException failure = new LlmgineException(code, message);
        hint.ifPresent(failure::withHint);
        field.ifPresent(failure::withField);
        return failure;
    }
}
