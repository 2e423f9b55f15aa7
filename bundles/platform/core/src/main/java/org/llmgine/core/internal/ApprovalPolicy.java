package org.llmgine.core.internal;

import java.util.List;
import java.util.Map;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.session.SessionSettings;

/**
 * Says whether a tool may be called, must be asked for first, or may not be called.
 *
 * <p>The host's setting stands in the place of what the tool says. A session may always be stricter; it may spare the question
 * only where its owner may answer it.
 *
 * @param host what the host's setting says, by the tools' names
 * @param session what the session says, by the tools' names
 * @param ownerDecides whether a session's owner may approve calls
 */
record ApprovalPolicy(Map<String, String> host, Map<String, String> session, boolean ownerDecides) {
    /** The stricter, the later. */
    static final List<String> WORDS = List.of(SessionSettings.ALLOW, SessionSettings.ASK, SessionSettings.DENY);

    /** Return the policy of a request that belongs to no session. */
    static ApprovalPolicy of(Settings settings) {
        return new ApprovalPolicy(settings.approvals().tools(), Map.of(), false);
    }

    static ApprovalPolicy of(Settings settings, SessionSettings session) {
        return new ApprovalPolicy(
                settings.approvals().tools(),
                session.approvals(),
                settings.approvals().byOwner());
    }

    /**
     * Return {@code allow}, {@code ask} or {@code deny}.
     *
     * @param needsApproval what the tool itself says
     */
    String of(String tool, boolean needsApproval) {
        String base = host.getOrDefault(tool, needsApproval ? SessionSettings.ASK : SessionSettings.ALLOW);
        String wanted = session.getOrDefault(tool, base);
        boolean stricter = WORDS.indexOf(wanted) >= WORDS.indexOf(base);
        return stricter || (ownerDecides && base.equals(SessionSettings.ASK)) ? wanted : base;
    }

    /** Check that a call may be made at once. */
    void check(String tool, boolean needsApproval) {
        checkNotDenied(tool, needsApproval);
        if (of(tool, needsApproval).equals(SessionSettings.ASK)) {
            throw new LlmgineException(
                            ErrorCode.FORBIDDEN,
                            "The tool '" + tool + "' needs a person's approval, which this request can't wait for.")
                    .withHint("Answer without it.");
        }
    }

    /** Check that a call that a person approved may be made. */
    void checkNotDenied(String tool, boolean needsApproval) {
        if (of(tool, needsApproval).equals(SessionSettings.DENY)) {
            throw new LlmgineException(ErrorCode.FORBIDDEN, "The tool '" + tool + "' may not be called here.")
                    .withHint("Answer without it.");
        }
    }
}
