package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.session.Approval;

/** An approval as callers see it. */
@Schema(name = "Approval")
public record ApprovalView(
        String id,
        String session,
        String turn,

        @Schema(
                allowableValues = {
                    Approval.PENDING,
                    Approval.APPROVED,
                    Approval.DENIED,
                    Approval.EXPIRED,
                    Approval.CANCELLED
                })
        String state,

        String tool,

        @Schema(description = "the tool call's id in the assistant's message")
        String call,

        @Schema(description = "what the tool would get, as JSON text")
        String arguments,

        @Schema(description = "the session's owner") String askedBy,
        String created,

        @Schema(description = "when it can no longer be approved")
        String expires,

        @Nullable String decided,
        @Nullable String decidedBy,
        @Nullable String reason) {
    static ApprovalView of(Approval approval) {
        return new ApprovalView(
                approval.id(),
                approval.session(),
                approval.turn(),
                approval.state(),
                approval.call().name(),
                approval.call().id(),
                approval.call().arguments(),
                approval.askedBy().name(),
                approval.created().toString(),
                approval.expires().toString(),
                approval.decided().map(Instant::toString).orElse(null),
                approval.decidedBy().orElse(null),
                approval.reason().isEmpty() ? null : approval.reason());
    }
}
