package org.llmgine.core.session;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ToolCall;

/**
 * Describe what a person is, or was, asked to approve: one tool call of a turn.
 *
 * @param id the id, {@code appr_…}
 * @param session the session's id
 * @param turn the turn's id
 * @param event the number of the turn's event that tells of it
 * @param call the tool's name and the arguments that it would get
 * @param askedBy whose turn it is: the session's owner, with the roles that he had
 * @param created when it was asked for
 * @param expires when it can no longer be approved
 * @param state {@link #PENDING}, {@link #APPROVED}, {@link #DENIED}, {@link #EXPIRED} or {@link #CANCELLED}
 * @param decidedBy who approved or denied it; empty when nobody did
 * @param reason what he said, or why it was cancelled; possibly empty
 * @param decided when it was no longer pending; empty before
 */
public record Approval(
        String id,
        String session,
        String turn,
        long event,
        ToolCall call,
        Principal askedBy,
        Instant created,
        Instant expires,
        String state,
        Optional<String> decidedBy,
        String reason,
        Optional<Instant> decided) {
    /** It waits for a person. */
    public static final String PENDING = "pending";

    /** A person approved it. */
    public static final String APPROVED = "approved";

    /** A person denied it. */
    public static final String DENIED = "denied";

    /** Nobody decided in time. */
    public static final String EXPIRED = "expired";

    /** Its turn was cancelled before anybody decided. */
    public static final String CANCELLED = "cancelled";

    /** Check that all are given. */
    public Approval {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
    }

    /** Tell whether it waits for a person. */
    public boolean isPending() {
        return state.equals(PENDING);
    }

    /** Return it as it is when it waits no longer. */
    public Approval decided(String state, Optional<String> by, String reason, Instant when) {
        return new Approval(
                id, session, turn, event, call, askedBy, created, expires, state, by, reason, Optional.of(when));
    }
}
