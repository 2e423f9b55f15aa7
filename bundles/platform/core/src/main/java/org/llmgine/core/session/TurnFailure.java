package org.llmgine.core.session;

import java.util.Optional;
import org.llmgine.api.ErrorCode;

/**
 * Tell why a turn ended without an answer.
 *
 * @param code the stable code
 * @param message one sentence for people
 * @param hint what would mend it
 * @param field the field at fault
 */
public record TurnFailure(ErrorCode code, String message, Optional<String> hint, Optional<String> field) {}
