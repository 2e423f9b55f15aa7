package org.llmgine.core.command;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * Tell what somebody changed, or tried to. It holds no secret.
 *
 * @param id the entry's id; ids are in the order of time
 * @param time when it was over
 * @param principal the name of who asked
 * @param roles the roles that he had
 * @param action the command's name, such as {@code CreateKey}
 * @param target what it was about, such as a key's id; empty for nothing named
 * @param outcome {@code ok}, or the code of the error
 * @param details what else is to be known, or the error's sentence; may be empty
 * @param session the id of the session that it was about; empty for none
 * @param face by which way it came, such as {@code http}; empty when that isn't known
 */
public record AuditEntry(
        String id,
        Instant time,
        String principal,
        Set<String> roles,
        String action,
        String target,
        String outcome,
        String details,
        String session,
        String face) {
    /** The outcome of what succeeded. */
    public static final String OK = "ok";

    /** Check and copy. */
    public AuditEntry {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(details, "details");
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(face, "face");
        roles = Set.copyOf(roles);
    }
}
