package org.llmgine.core.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ApprovalDenied;
import org.llmgine.core.session.ApprovalExpired;
import org.llmgine.core.session.ApprovalGranted;
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.ListApprovals;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.ApprovalStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves what people ask of approvals, and looks after those that nobody decides.
 *
 * <p>A decision is a compare-and-set in the store, on whichever host it is made; that host enters the turn again. What a host
 * leaves undone, because it died between the two, the rounds of the others do.
 */
final class Approvals implements HostTimer.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(1);
    /** So long a turn is left to the host that decided last. */
    private static final Duration LEFT_TO_DECIDER = Duration.ofSeconds(5);

    private static final int MAX_REASON = 2_000;
    private static final int AT_ONCE = 100;
    private static final List<String> STATES =
            List.of(Approval.PENDING, Approval.APPROVED, Approval.DENIED, Approval.EXPIRED, Approval.CANCELLED);

    private final ApprovalStore store;
    private final SessionTurns turns;
    private final Supplier<Settings> settings;
    private final LongSupplier nanoClock;
    private final InstantSource clock;
    private final MessageBus bus;
    private volatile long lastRound;

    Approvals(
            ApprovalStore store,
            SessionTurns turns,
            Supplier<Settings> settings,
            LongSupplier nanoClock,
            InstantSource clock,
            MessageBus bus) {
        this.store = store;
        this.turns = turns;
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.clock = clock;
        this.bus = bus;
        lastRound = nanoClock.getAsLong();
    }

    List<Approval> list(ListApprovals command) {
        command.state().ifPresent(Approvals::checkState);
        if (command.limit() < 1 || command.limit() > ListApprovals.MOST) {
            throw SessionDrafts.invalid("'limit' must be from 1 to " + ListApprovals.MOST + ".", "limit");
        }
        Principal principal = command.principal();
        Optional<String> askedBy = principal.has(Principal.OPERATOR) ? Optional.empty() : Optional.of(principal.name());
        Optional<Approval> after = command.after()
                .map(id -> store.approval(id)
                        .filter(approval -> isReadable(approval, principal))
                        .orElseThrow(() -> SessionDrafts.invalid("There is no approval '" + id + "'.", "after")));
        return store.approvals(
                new ApprovalStore.Filter(askedBy, command.state(), command.session(), command.turn()),
                after,
                command.limit());
    }

    private static void checkState(String state) {
        if (!STATES.contains(state)) {
            throw SessionDrafts.invalid(
                    "There is no state '" + state + "': it is one of " + String.join(", ", STATES) + ".", "state");
        }
    }

    Approval get(GetApproval command) {
        return readable(command.approvalId(), command.principal());
    }

    private Approval readable(String id, Principal principal) {
        return store.approval(id)
                .filter(approval -> isReadable(approval, principal))
                .orElseThrow(() -> unknown(id));
    }

    private static LlmgineException unknown(String id) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "There is no approval '" + id + "'.");
    }

    private static boolean isReadable(Approval approval, Principal principal) {
        return approval.askedBy().name().equals(principal.name()) || principal.has(Principal.OPERATOR);
    }

    Approval decide(DecideApproval command) {
        if (command.reason().length() > MAX_REASON) {
            throw SessionDrafts.invalid("'reason' has more than " + MAX_REASON + " characters.", "reason");
        }
        Principal principal = command.principal();
        Approval approval = readable(command.approvalId(), principal);
        if (!principal.has(Principal.OPERATOR) && !settings.get().approvals().byOwner()) {
            throw new LlmgineException(
                            ErrorCode.FORBIDDEN,
                            "Approvals are left to operators, and '" + principal.name() + "' is none.")
                    .withHint("Ask an operator. The host's setting approvalsByOwner says so.");
        }
        Instant now = clock.instant();
        if (approval.isPending() && !now.isBefore(approval.expires())) {
            expire(approval, now);
            throw alreadyDecided(command.approvalId());
        }
        Approval decided = approval.decided(
                command.approved() ? Approval.APPROVED : Approval.DENIED,
                Optional.of(principal.name()),
                command.reason(),
                now);
        if (!store.decide(decided)) {
            throw alreadyDecided(command.approvalId());
        }
        LOG.info(
                "'{}' {} the call of the tool '{}' in the turn {} of '{}' ({}).",
                principal.name(),
                decided.state(),
                decided.call().name(),
                decided.turn(),
                decided.askedBy().name(),
                decided.id());
        tell(decided, command.approved() ? ApprovalGranted.of(decided) : ApprovalDenied.of(decided));
        resume(decided.session(), decided.turn());
        return decided;
    }

    private LlmgineException alreadyDecided(String id) {
        Approval approval = store.approval(id).orElseThrow(() -> unknown(id));
        String how = switch (approval.state()) {
            case Approval.EXPIRED -> "Nobody decided on the call in time.";
            case Approval.CANCELLED -> "The turn was cancelled before anybody decided.";
            default -> "'" + approval.decidedBy().orElse("") + "' has " + approval.state() + " the call already.";
        };
        return new LlmgineException(ErrorCode.ALREADY_DECIDED, how);
    }

    private void expire(Approval approval, Instant now) {
        Approval expired = approval.decided(Approval.EXPIRED, Optional.empty(), "", now);
        if (store.decide(expired)) {
            LOG.info(
                    "Nobody decided on the call of the tool '{}' in the turn {} in time ({}).",
                    approval.call().name(),
                    approval.turn(),
                    approval.id());
            tell(expired, ApprovalExpired.of(expired));
            resume(expired.session(), expired.turn());
        }
    }

    private void tell(Approval approval, Event event) {
        bus.publish(event, SendOptions.inSession(approval.session()).withPrincipal(Principal.SYSTEM));
    }

    /** Enter a turn again if it is time; what is stored already stays so when that fails. */
    private void resume(String session, String turn) {
        try {
            turns.resume(session, turn);
        } catch (LlmgineException e) {
            LOG.warn("The turn {} can't go on now; it is tried again. {}", turn, e.getMessage());
        }
    }

    @Override
    public boolean isDue(long nanoTime) {
        return nanoTime - lastRound >= BETWEEN_ROUNDS.toNanos();
    }

    @Override
    public void act() {
        lastRound = nanoClock.getAsLong();
        try {
            Instant now = clock.instant();
            store.expired(now, AT_ONCE).forEach(approval -> expire(approval, now));
            store.ready(AT_ONCE).stream()
                    .filter(turn -> isLeftAlone(turn, now))
                    .forEach(turn -> resume(turn.session(), turn.id()));
            turns.lookAfter();
        } catch (LlmgineException e) {
            // The store is away, and told the log; the next round may do better.
        }
    }

    private boolean isLeftAlone(SessionTurn turn, Instant now) {
        return store.ofTurn(turn.session(), turn.id()).stream()
                .flatMap(approval -> approval.decided().stream())
                .noneMatch(decided -> decided.plus(LEFT_TO_DECIDER).isAfter(now));
    }

    /** Return what a model reads in the place of a result; empty for a call that was approved. */
    static Optional<ToolResult> refusal(Approval approval) {
        return switch (approval.state()) {
            case Approval.APPROVED -> Optional.empty();
            case Approval.DENIED ->
                Optional.of(ToolResult.error("'" + approval.decidedBy().orElse("") + "' denied this call"
                        + (approval.reason().isEmpty() ? "." : ": " + approval.reason())));
            default -> Optional.of(ToolResult.error("Nobody approved this call in time, so it was not made."));
        };
    }
}
