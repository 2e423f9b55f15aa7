package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ApprovalDecided;
import org.llmgine.core.session.ApprovalDenied;
import org.llmgine.core.session.ApprovalExpired;
import org.llmgine.core.session.ApprovalGranted;
import org.llmgine.core.session.ApprovalRequested;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.ListApprovals;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;
import org.llmgine.testkit.FakeSettings;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class ApprovalsTest {
    private static final String DAY = "86400000";
    private static final LlmgineException AWAY = new LlmgineException(ErrorCode.UNAVAILABLE, "The store is away.");
    private static final ToolCall SEND = ToolLoop.call("c1", "send", "{\"to\": \"bob\"}");
    private static final ToolCall ADD = ToolLoop.call("c2", "add", "{\"a\": 1, \"b\": 2}");
    private static final ToolCall DROP = ToolLoop.call("c3", "drop", "{}");

    private final ScriptedProvider provider = new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS)));
    private final List<Object> sent = new CopyOnWriteArrayList<>();
    private final TestHost host = equipped(new TestHost());
    private final Talker ann = new Talker(host, "ann", Principal.USER);
    private final Talker bob = new Talker(host, "bob", Principal.USER);
    private final Talker olga = new Talker(host, "olga", Principal.OPERATOR);

    private TestHost equipped(TestHost host) {
        host.add("fake", provider);
        host.add("tool-chat", new ToolLoop());
        host.add("add", new TestPlugins.AddTool());
        host.add("mail", ToolLoop.asking("send", arguments -> {
            sent.add(arguments.get("to"));
            return "Sent.";
        }));
        host.add("base", ToolLoop.asking("drop", arguments -> {
            throw new IllegalStateException("It is locked.");
        }));
        return host;
    }

    private TestHost another() {
        return equipped(new TestHost(host.store, host.nanos.get()));
    }

    /** Ask what makes the model call tools, and wait until the turn is suspended. */
    private SessionTurn suspended(Session session, ToolCall... calls) {
        provider.answer(ScriptedStream.calls(calls));
        SessionTurn turn = ann.start(session.id(), "Do it.");
        TestHost.await(() -> host.bus.published(ApprovalRequested.class).stream()
                .anyMatch(event -> event.turn().equals(turn.id())));
        return turn;
    }

    private void awaitState(SessionTurn turn, String state) {
        TestHost.await(() -> ann.get(turn).state().equals(state));
    }

    /** Begin to read a turn to its end. */
    private CompletableFuture<List<TurnEvent>> reading(SessionTurn turn) {
        TurnReader reader = ann.follow(turn, 0);
        return TestHost.async(() -> {
            List<TurnEvent> read = new ArrayList<>();
            try (reader) {
                TurnEvent event;
                while ((event = reader.next()) != null) {
                    read.add(event);
                }
            }
            return read;
        });
    }

    private static SessionTurn end(List<TurnEvent> events) {
        return ((TurnEnded) events.getLast().event()).turn();
    }

    private List<Approval> of(SessionTurn turn) {
        return host.store.ofTurn(turn.session(), turn.id());
    }

    private Approval decide(Talker who, Approval approval, boolean approved, String reason) {
        return decide(host, who, approval, approved, reason);
    }

    private static Approval decide(TestHost host, Talker who, Approval approval, boolean approved, String reason) {
        return host.approvals.decide(new DecideApproval(who.principal, approval.id(), approved, reason));
    }

    private static void assertFails(ThrowingCallable work, ErrorCode code, String message) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private List<String> toolTexts(Session session) {
        return ann.messages(session.id()).stream()
                .filter(message -> message.role().equals(Role.TOOL))
                .map(Message::text)
                .toList();
    }

    private static SessionDraft with(String whenBusy, Map<String, String> approvals) {
        SessionSettings settings = new SessionSettings(
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                List.of(),
                Optional.empty(),
                whenBusy,
                Optional.empty(),
                approvals,
                Map.of());
        return new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(settings));
    }

    @Test
    void aSuspendedTurnHoldsNothingAndGoesOnWhenItIsApproved() throws Exception {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        CompletableFuture<List<TurnEvent>> reading = reading(turn);

        assertThat(ann.get(session.id()).session().turn()).contains(turn.id());
        assertThat(host.engines.active())
                .allSatisfy(engine -> assertThat(engine.leases()).isZero());
        TestHost.await(() -> host.providers.active().stream().allMatch(instance -> instance.leases() == 0));
        assertThat(host.gauge("llmgine_session_turns_running")).isEqualTo(0L);
        assertThat(host.gauge("llmgine_session_turns_waiting")).isEqualTo(0L);
        Approval asked = of(turn).getFirst();
        assertThat(asked)
                .returns(session.id(), Approval::session)
                .returns(SEND, Approval::call)
                .returns(ann.principal, Approval::askedBy)
                .returns(Approval.PENDING, Approval::state)
                .returns(host.clock.instant().plus(Duration.ofDays(1)), Approval::expires);
        assertThat(asked.id()).matches("appr_[0-9a-f]{32}");
        assertThat(host.bus.published(ApprovalRequested.class)).containsExactly(ApprovalRequested.of(asked));
        assertThat(sent).isEmpty();

        provider.answer(ScriptedStream.text("Done."));
        Approval decided = decide(olga, asked, true, "Fine.");

        assertThat(decided)
                .returns(Approval.APPROVED, Approval::state)
                .returns(Optional.of("olga"), Approval::decidedBy)
                .returns("Fine.", Approval::reason)
                .returns(Optional.of(host.clock.instant()), Approval::decided);
        assertThat(host.approvals.get(new GetApproval(ann.principal, asked.id())))
                .isEqualTo(decided);
        assertThat(host.bus.published(ApprovalGranted.class)).containsExactly(ApprovalGranted.of(decided));
        List<TurnEvent> events = reading.get(10, TimeUnit.SECONDS);
        assertThat(events)
                .extracting(TurnEvent::seq)
                .isEqualTo(IntStream.rangeClosed(1, events.size())
                        .mapToObj(Long::valueOf)
                        .toList());
        List<StreamEvent> told = Talker.events(events);
        assertThat(told.subList(0, 4))
                .containsExactly(
                        new ModelStarted("fake/demo"),
                        new ApprovalRequired(asked),
                        new ApprovalDecided(decided),
                        new ToolStarted(SEND));
        assertThat(told.get(4)).isInstanceOf(ToolFinished.class);
        assertThat(told.subList(5, 8))
                .containsExactly(
                        new ModelStarted("fake/demo"), new TextDelta("Done."), new UsageUpdate(new Usage(2, 2)));
        assertThat(asked.event()).isEqualTo(2);
        assertThat(((TurnEnded) told.getLast()).turn())
                .returns(SessionTurn.COMPLETED, SessionTurn::state)
                .returns(Optional.of(new Usage(2, 2)), SessionTurn::usage);
        assertThat(sent).containsExactly("bob");
        assertThat(ann.texts(session.id())).containsExactly("Do it.", "", "Sent.", "Done.");
        assertThat(ann.get(session.id()).session().turn()).isEmpty();
        assertThat(ann.ask(session.id(), "Again?").state()).isEqualTo(SessionTurn.FAILED);
    }

    @Test
    void theModelReadsWhoDeniedItsCallAndWhy() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        provider.answer(ScriptedStream.text("Then not."));

        Approval denied = decide(ann, of(turn).getFirst(), false, "Not to Bob.");

        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(toolTexts(session)).containsExactly("'ann' denied this call: Not to Bob.");
        assertThat(host.bus.published(ApprovalDenied.class)).containsExactly(ApprovalDenied.of(denied));
        assertThat(sent).isEmpty();
    }

    @Test
    void whatNobodyDecidesExpires() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        Approval asked = of(turn).getFirst();
        provider.answer(ScriptedStream.text("Then not."));
        host.pass(Long.parseLong(DAY) - 1);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);

        // Time goes on: the round before may still be at work when this one comes, which is left out then.
        TestHost.await(() -> {
            host.pass(2_000);
            return !of(turn).getFirst().isPending();
        });

        awaitState(turn, SessionTurn.COMPLETED);
        assertThat(toolTexts(session)).containsExactly("Nobody approved this call in time, so it was not made.");
        assertThat(host.bus.published(ApprovalExpired.class)).containsExactly(ApprovalExpired.of(asked));
        assertThat(of(turn).getFirst())
                .returns(Approval.EXPIRED, Approval::state)
                .returns(Optional.empty(), Approval::decidedBy);
        assertThat(sent).isEmpty();
    }

    @Test
    void whoDecidesTooLateIsToldSoThoughNoRoundCame() {
        SessionTurn turn = suspended(ann.create(), SEND);
        provider.answer(ScriptedStream.text("Then not."));
        host.nanos.addAndGet(Duration.ofDays(1).toNanos());

        assertFails(
                () -> decide(ann, of(turn).getFirst(), true, ""),
                ErrorCode.ALREADY_DECIDED,
                "Nobody decided on the call in time.");

        awaitState(turn, SessionTurn.COMPLETED);
        assertThat(sent).isEmpty();
    }

    @Test
    void aCancelledTurnTakesItsApprovalsWithIt() throws Exception {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        CompletableFuture<SessionTurn> reading = reading(turn).thenApply(ApprovalsTest::end);

        SessionTurn cancelled = ann.cancel(turn);

        assertThat(cancelled).returns(SessionTurn.CANCELLED, SessionTurn::state).returns(true, SessionTurn::isOver);
        assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(cancelled);
        assertThat(of(turn).getFirst().state()).isEqualTo(Approval.CANCELLED);
        assertFails(
                () -> decide(ann, of(turn).getFirst(), true, ""),
                ErrorCode.ALREADY_DECIDED,
                "The turn was cancelled before anybody decided.");
        assertThat(ann.cancel(turn)).isEqualTo(cancelled);
        provider.answer(ScriptedStream.text("Yes."));
        assertThat(ann.ask(session.id(), "Still there?").state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(sent).isEmpty();
    }

    @Test
    void aDeletedSessionTakesItsApprovalsWithIt() throws Exception {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        Approval asked = of(turn).getFirst();
        CompletableFuture<SessionTurn> reading = reading(turn).thenApply(ApprovalsTest::end);

        ann.delete(session.id());

        assertThat(reading.get(10, TimeUnit.SECONDS).state()).isEqualTo(SessionTurn.CANCELLED);
        assertFails(() -> decide(ann, asked, true, ""), ErrorCode.NOT_FOUND, "There is no approval");
        host.pass(2_000);
        assertThat(sent).isEmpty();
    }

    @Test
    void aToolThatFailsOnceItIsApprovedGivesAnErrorAndTheTurnGoesOn() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, DROP);
        provider.answer(ScriptedStream.text("It is locked."));

        decide(ann, of(turn).getFirst(), true, "");

        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(toolTexts(session)).containsExactly("The tool 'drop' failed: It is locked.");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0"})
    void theTurnGoesOnWhenAllItsCallsAreDecidedInWhateverOrder(int first, int second) {
        Session session = ann.create();
        ToolCall other = ToolLoop.call("c4", "send", "{\"to\": \"eve\"}");
        SessionTurn turn = suspended(session, SEND, ADD, other);
        assertThat(toolTexts(session)).as("what needs nobody").containsExactly("3");
        List<Approval> asked = of(turn);
        assertThat(asked).extracting(Approval::call).containsExactly(SEND, other);
        provider.answer(ScriptedStream.text("Half."));

        decide(ann, asked.get(first), first == 0, "");
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);
        assertThat(sent).isEmpty();
        decide(olga, asked.get(second), second == 0, "");

        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(sent).containsExactly("bob");
        assertThat(toolTexts(session)).hasSize(3).element(1).isEqualTo("Sent.");
        assertThat(toolTexts(session).getLast()).endsWith("denied this call.");
    }

    @Test
    void aTurnMayBeSuspendedAgain() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        provider.answer(ScriptedStream.calls(ToolLoop.call("c1", "send", "{\"to\": \"eve\"}")));
        decide(ann, of(turn).getFirst(), true, "");
        TestHost.await(() -> of(turn).size() == 2);
        awaitState(turn, SessionTurn.SUSPENDED);
        provider.answer(ScriptedStream.text("Done."));

        decide(ann, of(turn).getLast(), false, "");

        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(toolTexts(session)).containsExactly("Sent.", "'ann' denied this call.");
        assertThat(sent).containsExactly("bob");
    }

    @RepeatedTest(20)
    void ofTwoWhoDecideAtOnceOneDoes() throws Exception {
        SessionTurn turn = suspended(ann.create(), SEND);
        Approval asked = of(turn).getFirst();
        provider.answer(ScriptedStream.text("Done."));
        TestHost second = another();

        List<CompletableFuture<Approval>> deciding = List.of(
                TestHost.async(() -> decide(host, ann, asked, true, "")),
                TestHost.async(() -> decide(second, olga, asked, true, "")));
        CompletableFuture.allOf(deciding.toArray(CompletableFuture[]::new))
                .handle((done, failed) -> done)
                .get(10, TimeUnit.SECONDS);

        assertThat(deciding.stream().filter(CompletableFuture::isCompletedExceptionally))
                .singleElement()
                .satisfies(lost -> assertThatThrownBy(lost::join)
                        .cause()
                        .isInstanceOfSatisfying(
                                LlmgineException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_DECIDED))
                        .hasMessageContaining("has approved the call already."));
        TestHost.await(
                () -> host.store.turn(turn.session(), turn.id()).orElseThrow().isOver());
        assertThat(sent).containsExactly("bob");
    }

    @Test
    void aSuspendedTurnNeedsNoReaderNorDoesOneThatIsEnteredAgain() {
        host.set("detachedGraceMs", 1_000L);
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        ScriptedStream slow = new ScriptedStream().thenWait();
        provider.answer(slow);
        host.pass(Duration.ofHours(2).toMillis());
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);

        decide(ann, of(turn).getFirst(), true, "");
        TestHost.await(() -> !sent.isEmpty());
        host.pass(5_000);

        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.RUNNING);
        ann.cancel(turn);
    }

    @Test
    void eventsThatNobodyReadsAreForgottenAndGoOnWithTheirNumbers() {
        SessionTurn turn = suspended(ann.create(), SEND);
        host.approvals.act();
        assertThat(begin(turn)).isInstanceOf(ModelStarted.class);
        host.nanos.addAndGet(Duration.ofHours(1).toNanos());
        host.approvals.act();
        provider.answer(ScriptedStream.text("Done."));

        Approval asked = of(turn).getFirst();
        try (TurnReader reader = ann.follow(turn, 0)) {
            decide(ann, asked, true, "");

            assertThat(reader.next()).isEqualTo(new TurnEvent(4, new ApprovalRequired(asked)));
            assertThat(reader.next()).isNotNull().satisfies(event -> {
                assertThat(event.seq()).isEqualTo(5);
                assertThat(event.event()).isInstanceOf(ApprovalDecided.class);
            });
        }
        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
    }

    /** Return the first event of a turn that its host still has. */
    private StreamEvent begin(SessionTurn turn) {
        try (TurnReader reader = ann.follow(turn, 0)) {
            return Objects.requireNonNull(reader.next()).event();
        }
    }

    @Test
    void aFurtherPromptIsRefusedOrWaitsUntilTheTurnIsOver() {
        Session refusing = ann.create();
        SessionTurn turn = suspended(refusing, SEND);
        assertFails(() -> ann.start(refusing.id(), "And?"), ErrorCode.BUSY, "waits for an approval");
        assertFails(
                () -> ann.moveTo(refusing.id(), turn.prompt()), ErrorCode.BUSY, "A turn of the session is in progress");
        Session queueing = ann.create(with(SessionSettings.QUEUE, Map.of()));
        SessionTurn first = suspended(queueing, SEND);
        SessionTurn second = ann.start(queueing.id(), "And?");
        SessionTurn third = ann.start(queueing.id(), "And then?");
        assertThat(List.of(second, third)).extracting(SessionTurn::state).containsOnly(SessionTurn.QUEUED);
        host.pass(2_000);
        assertThat(ann.cancel(third).state()).isEqualTo(SessionTurn.CANCELLED);
        assertThat(ann.get(second).state()).isEqualTo(SessionTurn.QUEUED);
        provider.answer(ScriptedStream.text("Done.")).answer(ScriptedStream.text("That was it."));

        decide(ann, of(first).getFirst(), true, "");

        assertThat(ann.end(second).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.texts(queueing.id())).containsExactly("Do it.", "", "Sent.", "Done.", "And?", "That was it.");
    }

    @Test
    void aPromptThatWaitsBeginsWhenTheTurnBeforeItIsCancelled() {
        Session session = ann.create(with(SessionSettings.QUEUE, Map.of()));
        SessionTurn first = suspended(session, SEND);
        SessionTurn second = ann.start(session.id(), "And?");
        provider.answer(ScriptedStream.text("Yes."));

        ann.cancel(first);

        assertThat(ann.end(second).state()).isEqualTo(SessionTurn.COMPLETED);
    }

    @Test
    void theHostsStopLeavesASuspendedTurnSuspendedAndEndsItsReaders() throws Exception {
        SessionTurn turn = suspended(ann.create(with(SessionSettings.QUEUE, Map.of())), SEND);
        SessionTurn waiting = ann.start(turn.session(), "And?");
        CompletableFuture<List<TurnEvent>> reading = reading(turn);
        TestHost.await(() -> ann.get(waiting).state().equals(SessionTurn.QUEUED));

        host.sessions.close();

        assertThat(reading.get(10, TimeUnit.SECONDS).getLast().event())
                .isInstanceOfSatisfying(
                        TurnEnded.class, end -> assertThat(end.turn().state()).isEqualTo(SessionTurn.SUSPENDED));
        assertThat(host.store.turn(turn.session(), turn.id()).orElseThrow().state())
                .isEqualTo(SessionTurn.SUSPENDED);
        assertThat(host.store.turn(turn.session(), waiting.id()).orElseThrow().state())
                .isEqualTo(SessionTurn.FAILED);
        host.sessionTurns.resume(turn.session(), turn.id());
        host.sessionTurns.lookAfter();
        assertThat(of(turn).getFirst().isPending()).isTrue();
    }

    @Test
    void anotherHostGoesOnWhereOneWasKilledAndItsReadersGetTheEventsFromThere() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        TestHost second = another();
        Talker there = new Talker(second, "ann", Principal.USER);
        second.pass(2_000);
        assertThat(there.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);
        assertThat(there.get(session.id()).session().turn()).contains(turn.id());
        assertFails(() -> there.start(session.id(), "And?"), ErrorCode.BUSY, "waits for an approval");
        provider.answer(ScriptedStream.text("Done."));

        try (TurnReader reader = there.follow(turn, 1)) {
            decide(second, there, of(turn).getFirst(), true, "");

            assertThat(reader.next())
                    .isNotNull()
                    .satisfies(event -> assertThat(event.event()).isInstanceOf(ApprovalRequired.class))
                    .extracting(TurnEvent::seq)
                    .isEqualTo(4L);
        }
        assertThat(there.end(turn))
                .returns(SessionTurn.COMPLETED, SessionTurn::state)
                .returns(Optional.of(new Usage(2, 2)), SessionTurn::usage)
                .returns("fake/demo", SessionTurn::model);
        assertThat(there.texts(session.id())).containsExactly("Do it.", "", "Sent.", "Done.");
        assertThat(there.read(turn).getFirst().seq()).isEqualTo(4);
    }

    @Test
    void readersAndPromptsAtTheFormerHostLearnOfTheEnd() throws Exception {
        Session session = ann.create(with(SessionSettings.QUEUE, Map.of()));
        SessionTurn turn = suspended(session, SEND);
        SessionTurn waiting = ann.start(session.id(), "And?");
        CompletableFuture<SessionTurn> reading = reading(turn).thenApply(ApprovalsTest::end);
        TestHost second = another();
        provider.answer(ScriptedStream.text("Done.")).answer(ScriptedStream.text("Yes."));

        decide(second, ann, of(turn).getFirst(), true, "");
        TestHost.await(() -> {
            host.approvals.act();
            return reading.isDone();
        });

        assertThat(reading.get().state()).isEqualTo(SessionTurn.COMPLETED);
        TestHost.await(() -> {
            host.approvals.act();
            return ann.get(waiting).isOver();
        });
        assertThat(ann.texts(session.id())).endsWith("And?", "Yes.");
    }

    @Test
    void readersAtTheFormerHostLearnThatTheSessionWasDeletedElsewhere() throws Exception {
        SessionTurn turn = suspended(ann.create(), SEND);
        CompletableFuture<SessionTurn> reading = reading(turn).thenApply(ApprovalsTest::end);

        new Talker(another(), "ann", Principal.USER).delete(turn.session());
        TestHost.await(() -> {
            host.approvals.act();
            return reading.isDone();
        });

        assertThat(reading.get().state()).isEqualTo(SessionTurn.CANCELLED);
    }

    @Test
    void aTurnThatComesBackAfterASuspensionElsewhereGoesOnWithItsNumbers() throws Exception {
        SessionTurn turn = suspended(ann.create(), SEND);
        CompletableFuture<SessionTurn> reading = reading(turn).thenApply(ApprovalsTest::end);
        TestHost second = another();
        provider.answer(ScriptedStream.calls(ToolLoop.call("c9", "send", "{\"to\": \"eve\"}")));
        decide(second, ann, of(turn).getFirst(), true, "");
        TestHost.await(() -> of(turn).size() == 2
                && host.store
                        .turn(turn.session(), turn.id())
                        .orElseThrow()
                        .state()
                        .equals(SessionTurn.SUSPENDED));
        long last = of(turn).getLast().event();
        provider.answer(ScriptedStream.text("Done."));

        decide(host, ann, of(turn).getLast(), true, "");

        assertThat(reading.get(10, TimeUnit.SECONDS).state()).isEqualTo(SessionTurn.SUSPENDED);
        List<TurnEvent> rest = ann.read(turn);
        assertThat(rest.getFirst().seq()).isEqualTo(last + 2);
        assertThat(((TurnEnded) rest.getLast().event()).turn().state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(sent).containsExactly("bob", "eve");
    }

    @Test
    void aDecisionWhoseHostDiedBeforeItEnteredTheTurnIsTakenUpByOneOther() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        host.store.failOn("leave", AWAY);
        decide(ann, of(turn).getFirst(), true, "");
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);
        TestHost second = another();
        TestHost third = another();
        second.pass(2_000);
        assertThat(ann.get(turn).state()).as("left to who decided").isEqualTo(SessionTurn.SUSPENDED);
        provider.answer(ScriptedStream.text("Done."));
        second.nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        third.nanos.set(second.nanos.get());

        TestHost.await(() -> {
            second.approvals.act();
            third.approvals.act();
            return host.store.turn(session.id(), turn.id()).orElseThrow().isOver();
        });

        assertThat(sent).containsExactly("bob");
        assertThat(ann.texts(session.id())).containsExactly("Do it.", "", "Sent.", "Done.");
    }

    @Test
    void aTurnIsNotEnteredAgainBeforeThePluginsAreThere() {
        Session session = ann.create();
        SessionTurn turn = suspended(session, SEND);
        TestHost restarted = new TestHost(host.store, host.nanos.get());
        decide(restarted, ann, of(turn).getFirst(), true, "");
        restarted.pass(7_000);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);
        provider.answer(ScriptedStream.text("Done."));

        equipped(restarted);
        TestHost.await(() -> {
            restarted.approvals.act();
            return host.store.turn(session.id(), turn.id()).orElseThrow().isOver();
        });

        assertThat(sent).containsExactly("bob");
    }

    @Test
    void aTurnWhoseEngineDoesNotComeFailsAtLast() {
        SessionTurn turn = suspended(ann.create(), SEND);
        TestHost restarted = new TestHost(host.store, host.nanos.get());
        decide(restarted, ann, of(turn).getFirst(), true, "");
        restarted.nanos.addAndGet(Duration.ofSeconds(31).toNanos());

        TestHost.await(() -> {
            restarted.approvals.act();
            return host.store.turn(turn.session(), turn.id()).orElseThrow().isOver();
        });

        assertThat(host.store.turn(turn.session(), turn.id()).orElseThrow().state())
                .isEqualTo(SessionTurn.FAILED);
        assertThat(sent).isEmpty();
    }

    @Test
    void aSuspensionThatCanNotBeStoredFailsTheTurnAndSaysSo() {
        Session session = ann.create();
        host.store.failOn("suspend", AWAY);
        provider.answer(ScriptedStream.calls(SEND));

        SessionTurn failed = ann.ask(session.id(), "Do it.");

        assertThat(failed.state()).isEqualTo(SessionTurn.FAILED);
        assertThat(failed.failure().orElseThrow().message()).isEqualTo("The store is away.");
        assertThat(of(failed)).isEmpty();
        assertThat(sent).isEmpty();
        provider.answer(ScriptedStream.text("Yes."));
        assertThat(ann.ask(session.id(), "Still there?").state()).isEqualTo(SessionTurn.COMPLETED);
    }

    @Test
    void aDecisionThatCanNotBeStoredIsNone() {
        SessionTurn turn = suspended(ann.create(), SEND);
        Approval asked = of(turn).getFirst();
        host.store.failOn("decide", AWAY);

        assertFails(() -> decide(ann, asked, true, ""), ErrorCode.UNAVAILABLE, "The store is away.");

        assertThat(of(turn).getFirst()).isEqualTo(asked);
        assertThat(host.bus.published(ApprovalGranted.class)).isEmpty();
        provider.answer(ScriptedStream.text("Done."));
        decide(ann, asked, true, "");
        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ofTurn", "leave"})
    void aDecisionIsKeptThoughTheTurnCanNotBeEnteredYet(String step) {
        SessionTurn turn = suspended(ann.create(), SEND);
        Approval asked = of(turn).getFirst();
        host.store.failOn(step, AWAY);

        assertThat(decide(ann, asked, true, "").state()).isEqualTo(Approval.APPROVED);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);
        provider.answer(ScriptedStream.text("Done."));
        host.nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        TestHost.await(() -> {
            host.approvals.act();
            return ann.get(turn).isOver();
        });

        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(sent).containsExactly("bob");
    }

    @ParameterizedTest
    @ValueSource(strings = {"expired", "ready", "suspended"})
    void aRoundThatFailsIsFollowedByAnother(String step) {
        SessionTurn turn = suspended(ann.create(), SEND);
        provider.answer(ScriptedStream.text("Then not."));
        host.nanos.addAndGet(Duration.ofDays(2).toNanos());
        host.store.failOn(step, AWAY);

        TestHost.await(() -> {
            host.approvals.act();
            return host.store.isUsedUp()
                    && host.store.turn(turn.session(), turn.id()).orElseThrow().isOver();
        });

        assertThat(of(turn).getFirst().state()).isEqualTo(Approval.EXPIRED);
    }

    @Test
    void aSuspensionThatCanNotBeEndedIsSaid() {
        SessionTurn turn = suspended(ann.create(), SEND);
        host.store.failOn("leave", AWAY);

        assertFails(() -> ann.cancel(turn), ErrorCode.UNAVAILABLE, "The store is away.");

        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.SUSPENDED);
        assertThat(ann.cancel(turn).state()).isEqualTo(SessionTurn.CANCELLED);
    }

    @Test
    void aSessionMayBeStricterAndSpareQuestionsThatItsOwnerMayAnswer() {
        Session strict = ann.create(
                with(SessionSettings.REFUSE, Map.of("add", SessionSettings.ASK, "send", SessionSettings.DENY)));
        SessionTurn turn = suspended(strict, ADD, SEND);
        assertThat(of(turn)).extracting(Approval::call).containsExactly(ADD);
        assertThat(toolTexts(strict)).containsExactly("The tool 'send' may not be called here. Answer without it.");
        ann.cancel(turn);

        Session free = ann.create(with(SessionSettings.REFUSE, Map.of("send", SessionSettings.ALLOW)));
        provider.answer(ScriptedStream.calls(SEND)).answer(ScriptedStream.text("Done."));
        assertThat(ann.ask(free.id(), "Do it.").state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(sent).containsExactly("bob");

        host.set("approvalsByOwner", false);
        assertThat(of(suspended(free, SEND))).hasSize(1);
    }

    @Test
    void theHostsSettingStandsInThePlaceOfWhatTheToolSays() {
        host.set("approvals", new String[] {"add = ask", "send=allow", "drop=maybe", "nonsense", ""});
        Session session = ann.create(with(SessionSettings.REFUSE, Map.of("drop", SessionSettings.ALLOW)));

        SessionTurn turn = suspended(session, ADD, SEND, DROP);

        assertThat(of(turn)).extracting(Approval::call).containsExactly(ADD);
        assertThat(toolTexts(session))
                .containsExactly("Sent.", "The tool 'drop' may not be called here. Answer without it.");
        host.set("approvals", new String[] {"add=deny"});
        provider.answer(ScriptedStream.text("Not so."));
        decide(ann, of(turn).getFirst(), true, "");
        ann.end(turn);
        assertThat(toolTexts(session).getLast())
                .as("forbidden since it was asked for")
                .isEqualTo("The tool 'add' may not be called here. Answer without it.");
    }

    @ParameterizedTest
    @CsvSource({
        "false, '', '', true, allow",
        "true, '', '', true, ask",
        "false, ask, '', true, ask",
        "true, allow, '', true, allow",
        "true, allow, ask, false, ask",
        "true, '', allow, true, allow",
        "true, '', allow, false, ask",
        "false, deny, allow, true, deny",
        "false, '', deny, false, deny",
        "false, ask, allow, true, allow",
        "false, ask, allow, false, ask"
    })
    void thePolicyIsTheStricterOfBoth(boolean asks, String host, String session, boolean byOwner, String expected) {
        ApprovalPolicy policy = new ApprovalPolicy(words(host), words(session), byOwner);

        assertThat(policy.of("x", asks)).isEqualTo(expected);
    }

    private static Map<String, String> words(String word) {
        return word.isEmpty() ? Map.of() : Map.of("x", word);
    }

    @Test
    void aSessionCanNotNameAToolOrAWordThatThereIsNot() {
        for (Map<String, String> wrong : List.of(Map.of("sned", "ask"), Map.of("send", "maybe"))) {
            assertThatThrownBy(() -> ann.create(with(SessionSettings.REFUSE, wrong)))
                    .isInstanceOfSatisfying(LlmgineException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                        assertThat(e.field())
                                .contains("settings.approvals."
                                        + wrong.keySet().iterator().next());
                    });
        }
    }

    @Test
    void onlyTheOwnerAndOperatorsSeeAndDecide() {
        SessionTurn turn = suspended(ann.create(), SEND);
        Approval asked = of(turn).getFirst();
        assertFails(() -> decide(bob, asked, true, ""), ErrorCode.NOT_FOUND, "There is no approval");
        assertFails(() -> decide(ann, asked, true, "x".repeat(2001)), ErrorCode.INVALID_REQUEST, "'reason' has more");
        host.set("approvalsByOwner", false);
        assertFails(() -> decide(ann, asked, true, ""), ErrorCode.FORBIDDEN, "Approvals are left to operators");
        provider.answer(ScriptedStream.text("Done."));

        assertThat(decide(olga, asked, true, "").decidedBy()).contains("olga");
        ann.end(turn);
    }

    @Test
    void approvalsAreListedNewestFirstInPages() {
        List<Approval> asked = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            asked.addFirst(of(suspended(ann.create(), SEND)).getFirst());
            host.nanos.addAndGet(1_000_000);
        }
        decide(ann, asked.getLast(), false, "");

        assertThat(list(ann, Optional.empty(), 2, Optional.empty())).isEqualTo(asked.subList(0, 2));
        assertThat(list(olga, Optional.empty(), 2, Optional.of(asked.get(1).id())))
                .extracting(Approval::id)
                .containsExactly(asked.get(2).id());
        assertThat(list(ann, Optional.of(Approval.PENDING), 500, Optional.empty()))
                .isEqualTo(asked.subList(0, 2));
        assertThat(list(bob, Optional.empty(), 500, Optional.empty())).isEmpty();
        assertThat(host.approvals.list(new ListApprovals(
                        ann.principal,
                        Optional.empty(),
                        Optional.of(asked.getFirst().session()),
                        Optional.of(asked.getFirst().turn()),
                        10,
                        Optional.empty())))
                .containsExactly(asked.getFirst());
        Stream.<Supplier<List<Approval>>>of(
                        () -> list(ann, Optional.of("done"), 1, Optional.empty()),
                        () -> list(ann, Optional.empty(), 0, Optional.empty()),
                        () -> list(ann, Optional.empty(), 501, Optional.empty()),
                        () -> list(
                                bob,
                                Optional.empty(),
                                1,
                                Optional.of(asked.get(1).id())))
                .forEach(wrong -> assertFails(wrong::get, ErrorCode.INVALID_REQUEST, ""));
    }

    private List<Approval> list(Talker who, Optional<String> state, int limit, Optional<String> after) {
        return host.approvals.list(
                new ListApprovals(who.principal, state, Optional.empty(), Optional.empty(), limit, after));
    }

    @Test
    void anEngineThatDoesNotEndItsRunFailsTheTurn() {
        Engine deaf = (turn, emitter) -> {
            ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
            turn.append(answer.message());
            turn.callTools(answer.message().toolCalls());
            return TurnOutcome.completed("stop");
        };
        host.add("deaf", deaf);
        Session session = ann.create(new SessionDraft(
                Optional.empty(),
                Optional.of("deaf"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        provider.answer(ScriptedStream.calls(SEND));

        assertThat(ann.ask(session.id(), "Do it.").failure().orElseThrow()).satisfies(failure -> {
            assertThat(failure.code()).isEqualTo(ErrorCode.PLUGIN_FAILED);
            assertThat(failure.message()).contains("must end its run as suspended");
        });
        assertThat(sent).isEmpty();
    }

    @Test
    void aPluginsOwnMessageDecidesNothing() {
        Dispatcher dispatcher = new Dispatcher(
                host.bus,
                new Audit(FakeSettings.of(AuditConfig.class, Map.of()), new InMemoryAuditStore(), host.timer));
        dispatcher.byFaces("org.llmgine.core", Principal.USER, DecideApproval.class, host.approvals::decide);
        Approval asked = of(suspended(ann.create(), SEND)).getFirst();

        assertFails(
                () -> dispatcher.execute(new DecideApproval(olga.principal, asked.id(), true, "")),
                ErrorCode.FORBIDDEN,
                "may not do this");

        assertThat(host.store.approval(asked.id())).contains(asked);
    }
}
