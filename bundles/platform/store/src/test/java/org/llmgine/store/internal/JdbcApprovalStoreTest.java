package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.spi.ApprovalStore.Filter;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcApprovalStoreTest {
    private static final Filter ALL =
            new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    private static final SessionTurn SUSPENDED = Samples.turn("sess_1", "turn_1", SessionTurn.SUSPENDED);
    private static final Approval ASKED = Samples.approval("sess_1", "turn_1", "appr_1", Samples.THEN);

    private final TestDatabase database;
    private final Host here;
    private final Host there;

    JdbcApprovalStoreTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
        here = new Host("host_a");
        there = new Host("host_b");
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** Is a host with its stores. */
    private final class Host {
        private final Database opened;
        private final JdbcSessionStore sessions;
        private final JdbcApprovalStore approvals;

        Host(String id) {
            opened = database.open(id);
            sessions = new JdbcSessionStore(opened);
            approvals = new JdbcApprovalStore(opened);
        }

        void run(SessionTurn turn) {
            sessions.put(Samples.session(turn.session()), List.of(), Optional.of(turn));
        }

        /** Run a turn and suspend it. */
        void suspend(String session, Approval... asked) {
            run(Samples.turn(session, "turn_1", SessionTurn.RUNNING));
            approvals.suspend(Samples.turn(session, "turn_1", SessionTurn.SUSPENDED), List.of(asked));
        }
    }

    private static Approval approved(Approval approval, String by) {
        return approval.decided(Approval.APPROVED, Optional.of(by), "Fine.", Samples.THEN.plusSeconds(9));
    }

    private static SessionTurn running() {
        return SUSPENDED.running();
    }

    private static SessionTurn cancelled() {
        return SUSPENDED.ended(SessionTurn.CANCELLED, Samples.THEN.plusSeconds(9), TurnFailure.INTERRUPTED);
    }

    @Test
    void aSuspendedTurnAndItsApprovalsAreThereForTheNextHost() {
        Approval second = Samples.approval("sess_1", "turn_1", "appr_0", Samples.THEN);

        here.suspend("sess_1", ASKED, second);

        assertThat(there.approvals.approval("appr_1")).contains(ASKED);
        assertThat(there.approvals.approval("appr_9")).isEmpty();
        assertThat(there.approvals.ofTurn("sess_1", "turn_1")).containsExactlyInAnyOrder(ASKED, second);
        assertThat(there.approvals.suspended(List.of("sess_0", "sess_1"))).containsExactly(SUSPENDED);
        assertThat(there.approvals.suspended(List.of())).isEmpty();
        assertThat(there.sessions.turn("sess_1", "turn_1")).contains(SUSPENDED);
        assertThat(there.approvals.ready(10)).isEmpty();
    }

    @Test
    void noHostsDeathEndsASuspendedTurn() {
        here.suspend("sess_1", ASKED);

        new Hosts(there.opened, "node_1", () -> Samples.THEN).start(1);

        assertThat(there.sessions.turn("sess_1", "turn_1")).contains(SUSPENDED);
    }

    @Test
    void aSuspensionIsDoneWholeOrNotAtAll() {
        here.run(Samples.turn("sess_1", "turn_1", SessionTurn.RUNNING));

        JdbcSessionStoreTest.assertCode(ErrorCode.BUSY, () -> here.approvals.suspend(SUSPENDED, List.of(ASKED, ASKED)));
        JdbcSessionStoreTest.assertCode(
                ErrorCode.INTERRUPTED, () -> there.approvals.suspend(SUSPENDED, List.of(ASKED)));

        assertThat(here.approvals.approvals(ALL, Optional.empty(), 10)).isEmpty();
        assertThat(here.approvals.suspended(List.of("sess_1"))).isEmpty();
        assertThat(here.sessions.turn("sess_1", "turn_1"))
                .contains(Samples.turn("sess_1", "turn_1", SessionTurn.RUNNING));
    }

    @Test
    void aSessionWithASuspendedTurnRunsNoOtherAndTakesNoMessages() {
        here.suspend("sess_1", ASKED);

        for (Host host : List.of(here, there)) {
            JdbcSessionStoreTest.assertCode(
                    ErrorCode.BUSY, () -> host.run(Samples.turn("sess_1", "turn_2", SessionTurn.RUNNING)));
            JdbcSessionStoreTest.assertCode(
                    ErrorCode.BUSY,
                    () -> host.sessions.put(
                            Samples.session("sess_1"), List.of(Samples.loose("msg_9")), Optional.empty()));
        }
        here.run(Samples.turn("sess_1", "turn_2", SessionTurn.QUEUED));
    }

    @Test
    void aDecisionCountsOnceAndForGood() {
        here.suspend("sess_1", ASKED);

        assertThat(here.approvals.decide(approved(ASKED, "bob"))).isTrue();
        assertThat(there.approvals.decide(approved(ASKED, "eve"))).isFalse();
        assertThat(here.approvals.decide(approved(Samples.approval("sess_1", "turn_1", "appr_9", Samples.THEN), "bob")))
                .isFalse();

        assertThat(there.approvals.approval("appr_1")).contains(approved(ASKED, "bob"));
        assertThat(there.approvals.ready(10)).containsExactly(SUSPENDED);
    }

    @Test
    void ofHostsThatDecideOrEnterAtOnceOneDoes() throws Exception {
        for (int i = 0; i < 20; i++) {
            String session = "sess_" + i;
            Approval asked = Samples.approval(session, "turn_1", "appr_" + i, Samples.THEN);
            here.suspend(session, asked);
            SessionTurn running =
                    Samples.turn(session, "turn_1", SessionTurn.SUSPENDED).running();

            assertThat(atOnce(host -> host.approvals.decide(approved(asked, host.opened.host()))))
                    .containsExactlyInAnyOrder(true, false);
            assertThat(atOnce(host -> host.approvals.leave(running))).containsExactlyInAnyOrder(true, false);
        }
    }

    private interface Step {
        boolean take(Host host);
    }

    private List<Boolean> atOnce(Step step) throws Exception {
        List<CompletableFuture<Boolean>> taken = Stream.<Supplier<Boolean>>of(
                        () -> step.take(here), () -> step.take(there))
                .map(work -> CompletableFuture.supplyAsync(work, Thread::startVirtualThread))
                .toList();
        List<Boolean> results = new ArrayList<>();
        for (CompletableFuture<Boolean> one : taken) {
            results.add(one.get(30, TimeUnit.SECONDS));
        }
        return results;
    }

    @Test
    void theHostThatEntersATurnRunsItAndNoOther() {
        here.suspend("sess_1", ASKED);

        assertThat(there.approvals.leave(running())).isTrue();
        assertThat(here.approvals.leave(running())).isFalse();
        assertThat(here.approvals.suspended(List.of("sess_1"))).isEmpty();

        there.sessions.put(Samples.session("sess_1"), List.of(Samples.entry("msg_1", "turn_1")), Optional.empty());
        JdbcSessionStoreTest.assertCode(
                ErrorCode.BUSY,
                () -> here.sessions.put(
                        Samples.session("sess_1"), List.of(Samples.entry("msg_2", "turn_1")), Optional.empty()));
        there.run(Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED));
        here.run(Samples.turn("sess_1", "turn_2", SessionTurn.RUNNING));
    }

    @Test
    void aTurnThatWasEnteredDiesWithItsHost() {
        here.suspend("sess_1", ASKED);
        here.approvals.decide(approved(ASKED, "bob"));
        there.approvals.leave(running());

        new Hosts(here.opened, "node_1", () -> Samples.THEN).start(1);

        assertThat(here.sessions.turn("sess_1", "turn_1").orElseThrow().failure())
                .contains(TurnFailure.INTERRUPTED);
        assertThat(here.approvals.ready(10)).isEmpty();
    }

    @Test
    void theEndOfASuspendedTurnCancelsWhatIsPending() {
        Approval second = Samples.approval("sess_1", "turn_1", "appr_2", Samples.THEN);
        here.suspend("sess_1", ASKED, second);
        here.approvals.decide(approved(ASKED, "bob"));

        assertThat(there.approvals.leave(cancelled())).isTrue();
        assertThat(there.approvals.leave(cancelled())).isFalse();

        assertThat(here.sessions.turn("sess_1", "turn_1")).contains(cancelled());
        assertThat(here.approvals.approval("appr_1")).contains(approved(ASKED, "bob"));
        assertThat(here.approvals.approval("appr_2").orElseThrow())
                .returns(Approval.CANCELLED, Approval::state)
                .returns(cancelled().ended(), Approval::decided);
        assertThat(here.approvals.decide(approved(second, "bob"))).isFalse();
        here.run(Samples.turn("sess_1", "turn_2", SessionTurn.RUNNING));
    }

    @Test
    void theSessionTakesItsApprovalsAlong() {
        here.suspend("sess_1", ASKED);

        here.sessions.remove("sess_1");

        assertThat(here.approvals.approval("appr_1")).isEmpty();
        assertThat(here.approvals.leave(running())).isFalse();
    }

    @Test
    void whatHasExpiredIsFoundUntilItIsDecided() {
        Approval later = Samples.approval("sess_1", "turn_1", "appr_2", Samples.THEN.plusSeconds(1));
        here.suspend("sess_1", later, ASKED);
        Instant end = later.expires();

        assertThat(here.approvals.expired(ASKED.expires().minusNanos(1), 10)).isEmpty();
        assertThat(here.approvals.expired(ASKED.expires(), 10)).containsExactly(ASKED);
        assertThat(here.approvals.expired(end, 10)).containsExactly(ASKED, later);
        assertThat(here.approvals.expired(end, 1)).containsExactly(ASKED);
        here.approvals.decide(ASKED.decided(Approval.EXPIRED, Optional.empty(), "", end));
        assertThat(here.approvals.expired(end, 10)).containsExactly(later);
    }

    @Test
    void approvalsComeNewestFirstPageByPageAndAsTheyAreWanted() {
        for (int i = 0; i < 5; i++) {
            here.suspend(
                    "sess_" + i, Samples.approval("sess_" + i, "turn_1", "appr_" + i, Samples.THEN.plusNanos(i / 2)));
        }
        here.approvals.decide(approved(here.approvals.approval("appr_3").orElseThrow(), "bob"));

        List<String> seen = new ArrayList<>();
        Optional<Approval> after = Optional.empty();
        List<Approval> page;
        while (!(page = here.approvals.approvals(ALL, after, 2)).isEmpty()) {
            page.forEach(approval -> seen.add(approval.id().substring("appr_".length())));
            after = Optional.of(page.getLast());
        }

        assertThat(seen).containsExactly("4", "2", "3", "0", "1");
        assertThat(ids(new Filter(Optional.of("bob"), Optional.empty(), Optional.empty(), Optional.empty())))
                .isEmpty();
        assertThat(ids(new Filter(
                        Optional.of("ann"), Optional.of(Approval.APPROVED), Optional.empty(), Optional.empty())))
                .containsExactly("appr_3");
        assertThat(ids(new Filter(Optional.empty(), Optional.empty(), Optional.of("sess_1"), Optional.of("turn_1"))))
                .containsExactly("appr_1");
        assertThat(ids(new Filter(Optional.empty(), Optional.empty(), Optional.of("sess_1"), Optional.of("turn_2"))))
                .isEmpty();
    }

    private List<String> ids(Filter filter) {
        return here.approvals.approvals(filter, Optional.empty(), 10).stream()
                .map(Approval::id)
                .toList();
    }
}
