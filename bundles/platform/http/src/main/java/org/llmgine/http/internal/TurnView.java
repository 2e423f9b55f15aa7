package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.stream.Usage;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;

/** A turn as callers see it. */
@Schema(name = "Turn")
public record TurnView(
        String id,
        String session,

        @Schema(
                allowableValues = {
                    SessionTurn.QUEUED,
                    SessionTurn.RUNNING,
                    SessionTurn.SUSPENDED,
                    SessionTurn.COMPLETED,
                    SessionTurn.FAILED,
                    SessionTurn.CANCELLED
                })
        String state,

        @Schema(description = "the message that it answers") String prompt,
        String engine,

        @Schema(description = "the model that served last") @Nullable String model,

        String created,
        @Nullable String ended,
        @Nullable String finishReason,
        @Nullable UsageView usage,
        @Nullable FailureView error,

        @Schema(description = "what a suspended turn waits for, and what of it is decided") @Nullable List<ApprovalView> approvals) {
    static TurnView of(SessionTurn turn) {
        return of(turn, null);
    }

    static TurnView of(SessionTurn turn, @Nullable List<ApprovalView> approvals) {
        return new TurnView(
                turn.id(),
                turn.session(),
                turn.state(),
                turn.prompt(),
                turn.engine(),
                given(turn.model()),
                turn.created().toString(),
                turn.ended().map(Instant::toString).orElse(null),
                given(turn.finishReason()),
                turn.usage().map(UsageView::of).orElse(null),
                turn.failure().map(FailureView::of).orElse(null),
                approvals);
    }

    private static @Nullable String given(String text) {
        return text.isEmpty() ? null : text;
    }

    /** What a turn or a model call cost. */
    @Schema(name = "Usage")
    public record UsageView(
            long inputTokens, long outputTokens, long totalTokens, long cachedInputTokens, long reasoningTokens) {
        static UsageView of(Usage usage) {
            return new UsageView(
                    usage.inputTokens(),
                    usage.outputTokens(),
                    usage.totalTokens(),
                    usage.cachedInputTokens(),
                    usage.reasoningTokens());
        }
    }

    /** Why a turn ended without an answer. */
    @Schema(name = "TurnError")
    public record FailureView(
            String code,
            String message,
            @Nullable String hint,
            @Nullable String field,
            boolean retryable) {
        static FailureView of(TurnFailure failure) {
            return new FailureView(
                    failure.code().name(),
                    Problem.sentence(failure.message()),
                    failure.hint().map(Problem::sentence).orElse(null),
                    failure.field().map(Problem::sentence).orElse(null),
                    failure.code().retryable());
        }
    }
}
