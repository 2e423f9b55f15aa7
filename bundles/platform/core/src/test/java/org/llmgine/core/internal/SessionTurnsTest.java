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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.session.TurnReader;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class SessionTurnsTest {
    private final TestHost host = new TestHost();
    private final ScriptedProvider provider = new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS)));
    private final Talker ann = new Talker(host, "ann", Principal.USER);
    private final Session session;

    SessionTurnsTest() {
        host.add("fake", provider);
        host.add("tool-chat", new ToolLoop());
        host.add("add", new TestPlugins.AddTool());
        session = ann.create();
    }

    @Test
    void aTurnGoesFromPromptToEndAndIsKept() {
        provider.answer(ScriptedStream.calls(ToolLoop.call("1", "add", "{\"a\": 1, \"b\": 2}")))
                .answer(new ScriptedStream()
                        .then(new ExtensionUpdate(ExtensionUpdate.ANSWER, Map.of("x", 1)))
                        .then(new TextDelta("It is "))
                        .then(new TextDelta("3."))
                        .then(new UsageUpdate(new Usage(10, 4)))
                        .then(new Finish("stop")));

        SessionTurn begun = ann.start(session.id(), "1 + 2?");
        List<TurnEvent> read = ann.read(begun);

        assertThat(begun)
                .returns(SessionTurn.RUNNING, SessionTurn::state)
                .returns(session.id(), SessionTurn::session)
                .returns("tool-chat", SessionTurn::engine)
                .returns(false, SessionTurn::isOver);
        assertThat(begun.id()).matches("turn_[0-9a-f]{32}");
        assertThat(read).extracting(TurnEvent::seq).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        List<StreamEvent> events = Talker.events(read);
        assertThat(events.subList(0, 2))
                .containsExactly(
                        new ModelStarted("fake/demo"),
                        new ToolStarted(ToolLoop.call("1", "add", "{\"a\": 1, \"b\": 2}")));
        assertThat(events.get(2)).isInstanceOf(ToolFinished.class);
        assertThat(events.subList(3, 7))
                .containsExactly(
                        new ModelStarted("fake/demo"),
                        new TextDelta("It is "),
                        new TextDelta("3."),
                        new UsageUpdate(new Usage(11, 5)));
        SessionTurn ended = ((TurnEnded) events.getLast()).turn();
        assertThat(ended)
                .returns(SessionTurn.COMPLETED, SessionTurn::state)
                .returns("fake/demo", SessionTurn::model)
                .returns("stop", SessionTurn::finishReason)
                .returns(Optional.of(new Usage(11, 5)), SessionTurn::usage)
                .returns(Optional.of(host.clock.instant()), SessionTurn::ended)
                .returns(Optional.empty(), SessionTurn::failure);
        assertThat(ann.get(begun)).isEqualTo(ended);
        assertThat(host.store.turn(session.id(), begun.id())).contains(ended);
        assertThat(ann.messages(session.id()))
                .extracting(Message::role)
                .containsExactly(Role.USER, Role.ASSISTANT, Role.TOOL, Role.ASSISTANT);
        assertThat(ann.history(session.id()))
                .allSatisfy(entry -> assertThat(entry.turn()).contains(begun.id()));
        assertThat(ann.history(session.id()).getFirst().id()).isEqualTo(begun.prompt());
        assertIdle();
    }

    @Test
    void twoReadersSeeTheSameEventsAndOneGoesOnWhereItLeft() throws Exception {
        ScriptedStream slow = new ScriptedStream()
                .then(new TextDelta("a "))
                .thenWait()
                .then(new TextDelta("b "))
                .then(new TextDelta("c"))
                .then(new Finish("stop"));
        provider.answer(slow);
        SessionTurn turn = ann.start(session.id(), "Hi");
        CompletableFuture<List<TurnEvent>> whole = TestHost.async(() -> ann.read(turn));
        List<TurnEvent> first = new ArrayList<>();
        try (TurnReader reader = ann.follow(turn, 0)) {
            first.add(next(reader));
            first.add(next(reader));
        }

        slow.release();
        try (TurnReader reader = ann.follow(turn, first.getLast().seq())) {
            TurnEvent event;
            while ((event = reader.next()) != null) {
                first.add(event);
            }
        }

        assertThat(first).isEqualTo(whole.get(10, TimeUnit.SECONDS));
        assertThat(Talker.text(first)).isEqualTo("a b c");
        assertThat(ann.read(turn)).as("after the end").isEqualTo(first);
    }

    @Test
    void aBusySessionRefusesASecondPrompt() {
        ScriptedStream slow = slow();
        provider.answer(slow).answer(ScriptedStream.text("b"));
        SessionTurn first = ann.start(session.id(), "one");

        assertThatThrownBy(() -> ann.start(session.id(), "two")).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
            assertThat(e.retryAfter()).isPresent();
            assertThat(e.hint().orElse("")).contains("whenBusy");
        });
        slow.release();
        ann.end(first);
        assertThat(ann.ask(session.id(), "two").state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.texts(session.id())).containsExactly("one", "a", "two", "b");
    }

    @RepeatedTest(20)
    void whoHasReadTheEndMayAskAtOnceAndOfTwoAtOnceOneMay() throws Exception {
        for (int i = 0; i < 4; i++) {
            provider.answer(ScriptedStream.text("a"));
        }
        ann.ask(session.id(), "one");
        ann.ask(session.id(), "two");
        ScriptedStream slow = slow();
        Session other = ann.create();
        ScriptedProvider held = new ScriptedProvider(new ModelInfo("demo", Set.of()))
                .answer(slow)
                .answer(slow);
        host.add("held", held);
        ann.change(other.id(), model("held/demo"));

        List<CompletableFuture<SessionTurn>> asking = Stream.of("left", "right")
                .map(prompt -> TestHost.async(() -> ann.start(other.id(), prompt)))
                .toList();
        CompletableFuture.allOf(asking.toArray(CompletableFuture[]::new))
                .handle((done, failed) -> done)
                .get(10, TimeUnit.SECONDS);

        assertThat(asking.stream().filter(CompletableFuture::isCompletedExceptionally))
                .hasSize(1);
        ann.delete(other.id());
    }

    @Test
    void promptsThatWaitAreAnsweredInOrderEachOnWhatTheFormerLeft() throws Exception {
        Session queueing = ann.create(settings(SessionSettings.QUEUE, Optional.empty()));
        ScriptedStream slow = slow();
        provider.answer(slow)
                .refuse(new LlmgineException(ErrorCode.CONTENT_REFUSED, "No."))
                .answer(ScriptedStream.text("c"));
        SessionTurn first = ann.start(queueing.id(), "one");
        SessionTurn second = ann.start(queueing.id(), "two");
        SessionTurn third = ann.start(queueing.id(), "three");

        assertThat(List.of(second, third)).extracting(SessionTurn::state).containsOnly(SessionTurn.QUEUED);
        assertThat(ann.get(third)).isEqualTo(third);
        assertThat(ann.texts(queueing.id()))
                .as("a prompt is added as its turn begins")
                .containsExactly("one");
        assertThat(ann.get(queueing.id()).session().turn()).contains(first.id());
        assertThat(host.gauge("llmgine_session_turns_running")).isEqualTo(1L);
        assertThat(host.gauge("llmgine_session_turns_waiting")).isEqualTo(2L);
        CompletableFuture<SessionTurn> waiting = TestHost.async(() -> ann.end(third));
        slow.release();

        assertThat(waiting.get(10, TimeUnit.SECONDS).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.get(first).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.get(second).state()).isEqualTo(SessionTurn.FAILED);
        assertThat(ann.texts(queueing.id())).containsExactly("one", "a", "two", "three", "c");
        assertThat(ann.history(queueing.id()).get(3).id()).isEqualTo(third.prompt());
        assertThat(host.sessions.turns(new ListTurns(ann.principal, queueing.id())))
                .extracting(SessionTurn::id)
                .containsExactly(first.id(), second.id(), third.id());
        assertThat(host.gauge("llmgine_session_turns_running")).isEqualTo(0L);
    }

    @Test
    void aTurnsMessagesAreThereWhenTheNextOneIsOnAnotherBranch() throws Exception {
        Session queueing = ann.create(settings(SessionSettings.QUEUE, Optional.empty()));
        ScriptedStream slow = slow();
        provider.answer(slow).answer(ScriptedStream.text("b"));
        SessionTurn first = ann.start(queueing.id(), "one");
        SessionTurn second = ann.startInPlace(queueing.id(), "two", first.prompt());
        assertThat(ann.messages(second)).isEmpty();
        CompletableFuture<SessionTurn> waiting = TestHost.async(() -> ann.end(second));
        slow.release();
        waiting.get(10, TimeUnit.SECONDS);

        assertThat(ann.texts(queueing.id())).containsExactly("two", "b");
        assertThat(ann.messages(first)).containsExactly("one", "a");
        assertThat(ann.messages(second)).containsExactly("two", "b");
    }

    @Test
    void oneThatWaitsIsCancelledAtOnceAndTheLineIsNotEndless() {
        Session queueing = ann.create(settings(SessionSettings.QUEUE, Optional.of(Duration.ofMillis(100))));
        ScriptedStream slow = slow();
        provider.answer(slow);
        SessionTurn first = ann.start(queueing.id(), "0");
        try (TurnReader reading = ann.follow(first, 0)) {
            List<SessionTurn> waiting = new ArrayList<>();
            for (int i = 1; i <= 16; i++) {
                waiting.add(ann.start(queueing.id(), "" + i));
                provider.answer(ScriptedStream.text("answer"));
            }
            assertFails(() -> ann.start(queueing.id(), "17"), ErrorCode.BUSY);
            host.pass(1000);

            SessionTurn gone = ann.cancel(waiting.get(3));

            assertThat(gone.state()).isEqualTo(SessionTurn.CANCELLED);
            assertThat(gone.ended()).isPresent();
            assertThat(ann.end(gone)).isEqualTo(gone);
            assertThat(ann.start(queueing.id(), "17").state()).isEqualTo(SessionTurn.QUEUED);
            provider.answer(ScriptedStream.text("answer"));
            slow.release();
            assertThat(ann.end(waiting.getLast()).state())
                    .as("the time of waiting is not the time unread")
                    .isEqualTo(SessionTurn.COMPLETED);
            assertThat(ann.texts(queueing.id())).doesNotContain("4").contains("16");
        }
    }

    @Test
    void aCancelledTurnKeepsItsRoundsAndEveryCallHasAResultNextTime() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        host.add("slow", ToolLoop.tool("slow", arguments -> {
            inside.countDown();
            new CountDownLatch(1).await();
            return "never";
        }));
        provider.answer(ScriptedStream.calls(
                        ToolLoop.call("1", "add", "{\"a\": 1, \"b\": 2}"), ToolLoop.call("2", "slow", "{}")))
                .answer(ScriptedStream.text("Never mind."));
        SessionTurn turn = ann.start(session.id(), "Do it");
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        TestHost.await(() -> ann.texts(session.id()).size() == 3);

        ann.cancel(turn);
        SessionTurn cancelled = ann.end(turn);

        assertThat(cancelled)
                .returns(SessionTurn.CANCELLED, SessionTurn::state)
                .returns("", SessionTurn::finishReason)
                .returns(Optional.of(new Usage(1, 2)), SessionTurn::usage)
                .returns(
                        Optional.of(new TurnFailure(
                                ErrorCode.CANCELLED, "The turn was cancelled.", Optional.empty(), Optional.empty())),
                        SessionTurn::failure);
        assertThat(ann.cancel(turn)).isEqualTo(cancelled);
        assertThat(ann.texts(session.id())).containsExactly("Do it", "", "3");

        ann.ask(session.id(), "And now?");

        List<Message> shown = provider.requests().getLast().messages();
        assertThat(shown)
                .extracting(Message::role)
                .containsExactly(Role.USER, Role.ASSISTANT, Role.TOOL, Role.TOOL, Role.USER);
        assertThat(shown.get(3).toolCallId()).contains("2");
        assertThat(shown.get(3).text()).contains("ended before this call gave a result");
        assertThat(ann.texts(session.id())).containsExactly("Do it", "", "3", "And now?", "Never mind.");
        assertIdle();
    }

    @RepeatedTest(50)
    void aTurnThatIsCancelledWhileItBeginsEndsOnceAndLeavesNothing() throws Exception {
        ScriptedStream slow = slow();
        provider.answer(slow);
        SessionTurn turn = ann.start(session.id(), "Hi");
        CompletableFuture<SessionTurn> cancelling = TestHost.async(() -> ann.cancel(turn));

        SessionTurn ended = ann.end(turn);

        assertThat(ended.state()).isEqualTo(SessionTurn.CANCELLED);
        // It waits for the end for two seconds, which may be too few on a machine that is slow.
        assertThat(cancelling.get(10, TimeUnit.SECONDS).id()).isEqualTo(ended.id());
        assertThat(ann.get(turn)).isEqualTo(ended);
        assertThat(ann.get(session.id()).session().turn()).isEmpty();
        assertIdle();
    }

    @Test
    void aFailedTurnSaysWhyAndIsTriedAgain() {
        provider.refuse(new LlmgineException(ErrorCode.UNSUPPORTED_FIELD, "No such thing.")
                        .withField("tools")
                        .withHint("Leave it out."))
                .answer(ScriptedStream.text("fine"));

        SessionTurn failed = ann.ask(session.id(), "Hi");

        assertThat(failed.state()).isEqualTo(SessionTurn.FAILED);
        assertThat(failed.failure())
                .contains(new TurnFailure(
                        ErrorCode.UNSUPPORTED_FIELD,
                        "No such thing.",
                        Optional.of("Leave it out."),
                        Optional.of("tools")));
        assertThat(ann.texts(session.id())).containsExactly("Hi");
        assertThat(ann.end(ann.again(session.id(), failed.prompt())).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.texts(session.id())).containsExactly("Hi", "fine");
    }

    @Test
    void anEngineThatIsGoneOrFailsIsTheTurnsFailure() {
        host.add("broken", (turn, emitter) -> {
            throw new NoSuchMethodError("on purpose");
        });
        host.add("gone", new ToolLoop());
        Session broken = ann.create(engine("broken"));
        Session gone = ann.create(engine("gone"));
        host.engines.remove(
                "gone",
                host.engines.list().stream()
                        .filter(listed -> listed.origin().name().equals("gone"))
                        .findFirst()
                        .orElseThrow()
                        .origin()
                        .serviceId());

        assertThat(ann.ask(broken.id(), "Hi").failure()).map(TurnFailure::code).contains(ErrorCode.PLUGIN_FAILED);
        assertThat(ann.ask(gone.id(), "Hi").failure()).map(TurnFailure::code).contains(ErrorCode.UNAVAILABLE);
    }

    @Test
    void aTurnEndsOnTheEngineThatItBeganOnAndTheNextOneHasTheSuccessor() {
        ScriptedStream slow = slow();
        provider.answer(slow).answer(ScriptedStream.text("b"));
        Instance<Engine> old = host.engines.add(
                host.origin(LlmginePlugin.ENGINE, "swapped", "swapped", "1.0.0"), new ToolLoop(), Optional.empty());
        Session swapped = ann.create(engine("swapped"));
        SessionTurn first = ann.start(swapped.id(), "one");
        TestHost.await(() -> old.leases() == 1);

        host.engines.add(
                host.origin(LlmginePlugin.ENGINE, "swapped", "swapped", "2.0.0"),
                (turn, emitter) -> {
                    turn.append(Message.assistant("new"));
                    return TurnOutcome.completed("stop");
                },
                Optional.empty());
        host.engines.remove("swapped", old.origin().serviceId());
        slow.release();

        assertThat(ann.end(first).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.ask(swapped.id(), "two").state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.texts(swapped.id())).containsExactly("one", "a", "two", "new");
        assertThat(old.leases()).isZero();
    }

    @Test
    void aTurnThatNobodyReadsIsCancelledAfterItsGrace() throws Exception {
        Session impatient = ann.create(settings(SessionSettings.REFUSE, Optional.of(Duration.ofMillis(500))));
        ScriptedStream slow = slow();
        provider.answer(slow);
        SessionTurn turn = ann.start(impatient.id(), "Hi");
        slow.awaitWaiting();
        host.pass(500);
        TurnReader reader = ann.follow(turn, 0);
        host.pass(10_000);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.RUNNING);
        reader.close();
        host.pass(500);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.RUNNING);
        host.pass(1);

        TestHost.await(() -> ann.get(turn).isOver());
        SessionTurn ended = ann.get(turn);
        assertThat(ended.state()).isEqualTo(SessionTurn.CANCELLED);
        assertThat(ended.failure().orElseThrow().message()).isEqualTo("Nobody read the turn for 500 ms.");
        assertIdle();
    }

    @Test
    void withoutAGraceOfItsOwnTheHostsCounts() throws Exception {
        host.set("detachedGraceMs", 700L);
        ScriptedStream slow = slow();
        provider.answer(slow);
        SessionTurn turn = ann.start(session.id(), "Hi");
        slow.awaitWaiting();
        host.pass(700);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.RUNNING);
        host.pass(1);

        TestHost.await(() -> ann.get(turn).isOver());
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.CANCELLED);
    }

    @Test
    void aTurnWhoseEventsDoNotFitEndsAndTheirBeginningStays() {
        host.set("turnLogMaxBytes", 1_000L);
        provider.answer(ScriptedStream.text("word ".repeat(100)));

        SessionTurn turn = ann.start(session.id(), "Hi");
        List<TurnEvent> read = ann.read(turn);

        assertThat(Talker.text(read)).startsWith("word word ");
        assertThat(read.getFirst()).isEqualTo(new TurnEvent(1, new ModelStarted("fake/demo")));
        assertThat(ann.get(turn).failure()).map(TurnFailure::code).contains(ErrorCode.LIMIT_REACHED);
        assertThat(ann.get(turn).state()).isEqualTo(SessionTurn.FAILED);
        assertIdle();
    }

    @Test
    void theEventsAreKeptForAWhileAfterTheEndAndTheTurnForGood() {
        host.set("turnLogKeepMs", 1000L);
        provider.answer(ScriptedStream.text("a"));
        SessionTurn ended = ann.ask(session.id(), "Hi");
        TurnReader late = ann.follow(ended, 0);

        host.pass(1000);
        assertThat(ann.read(ended)).hasSize(4);
        host.pass(1);

        TestHost.await(() -> isForgotten(ended));
        assertThatThrownBy(() -> ann.follow(ended, 0)).hasMessage("The events of the turn are no longer kept.");
        assertThat(ann.get(ended)).isEqualTo(ended);
        assertThat(ann.cancel(ended)).isEqualTo(ended);
        assertThat(next(late).event()).as("who reads already goes on").isEqualTo(new ModelStarted("fake/demo"));
        assertFails(
                () -> ann.follow(
                        new SessionTurn(
                                "turn_none",
                                session.id(),
                                SessionTurn.RUNNING,
                                "",
                                "",
                                "",
                                host.clock.instant(),
                                Optional.empty(),
                                "",
                                Optional.empty(),
                                Optional.empty()),
                        0),
                ErrorCode.NOT_FOUND);
    }

    @Test
    void beyondTheirRoomTheOldestEventsGoEarly() {
        host.set("turnLogsMaxBytes", 2_000L);
        provider.answer(ScriptedStream.text("word ".repeat(5)))
                .answer(ScriptedStream.text("word ".repeat(5)))
                .answer(ScriptedStream.text("word ".repeat(50)));
        SessionTurn first = ann.ask(session.id(), "1");
        SessionTurn second = ann.ask(session.id(), "2");
        assertThat(isForgotten(first) || isForgotten(second)).isFalse();

        SessionTurn third = ann.ask(session.id(), "3");

        assertThat(isForgotten(first) && isForgotten(second)).isTrue();
        assertThat(isForgotten(third))
                .as("the last one stays, whatever its size")
                .isFalse();
    }

    @RepeatedTest(20)
    void deletingASessionEndsItsTurns() throws Exception {
        Session queueing = ann.create(settings(SessionSettings.QUEUE, Optional.empty()));
        ScriptedStream slow = slow();
        provider.answer(slow);
        SessionTurn first = ann.start(queueing.id(), "one");
        SessionTurn second = ann.start(queueing.id(), "two");
        TurnReader reader = ann.follow(first, 0);
        TurnReader waiting = ann.follow(second, 0);

        Session deleted = ann.delete(queueing.id());

        assertThat(deleted.id()).isEqualTo(queueing.id());
        for (TurnReader each : List.of(reader, waiting)) {
            TurnEvent last = next(each);
            while (!(last.event() instanceof TurnEnded)) {
                last = next(each);
            }
            SessionTurn ended = ((TurnEnded) last.event()).turn();
            assertThat(ended.state()).isEqualTo(SessionTurn.CANCELLED);
            assertThat(ended.failure().orElseThrow().message()).isEqualTo("The session was deleted.");
        }
        assertFails(() -> ann.get(queueing.id()), ErrorCode.NOT_FOUND);
        assertFails(() -> ann.follow(first, 0), ErrorCode.NOT_FOUND);
        assertFails(() -> ann.delete(queueing.id()), ErrorCode.NOT_FOUND);
        assertThat(host.store.session(queueing.id())).isEmpty();
        assertThat(host.store.turns(queueing.id())).isEmpty();
        assertThat(isForgotten(first) && isForgotten(second)).isTrue();
        assertIdle();
    }

    @Test
    void anEngineThatGoesOnAfterTheDeletionChangesNothing() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch deleted = new CountDownLatch(1);
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        host.add("stubborn", (turn, emitter) -> {
            inside.countDown();
            deleted.await();
            try {
                turn.append(Message.assistant("late"));
            } catch (LlmgineException e) {
                refused.complete(e);
            }
            return TurnOutcome.completed("stop");
        });
        Session stubborn = ann.create(engine("stubborn"));
        SessionTurn turn = ann.start(stubborn.id(), "Hi");
        TurnReader reader = ann.follow(turn, 0);
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Session> deleting = TestHost.async(() -> ann.delete(stubborn.id()));
        TestHost.await(() -> host.store.session(stubborn.id()).isEmpty());

        deleted.countDown();

        assertThat(refused.get(10, TimeUnit.SECONDS)).hasMessage("The turn is over.");
        deleting.get(10, TimeUnit.SECONDS);
        assertThat(next(reader).event()).isInstanceOf(TurnEnded.class);
        assertThat(host.store.session(stubborn.id())).isEmpty();
        assertThat(host.store.entries(stubborn.id())).isEmpty();
    }

    @Test
    void aHostThatStopsInterruptsWhatRunsAndWaits() throws Exception {
        Session queueing = ann.create(settings(SessionSettings.QUEUE, Optional.empty()));
        ScriptedStream slow = slow();
        provider.answer(slow);
        CountDownLatch inside = new CountDownLatch(1);
        CompletableFuture<Thread> left = new CompletableFuture<>();
        host.add("stubborn", (turn, emitter) -> {
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                left.complete(Thread.currentThread());
            }
            emitter.emit(new TextDelta("late"));
            return TurnOutcome.completed("stop");
        });
        SessionTurn running = ann.start(queueing.id(), "one");
        SessionTurn waiting = ann.start(queueing.id(), "two");
        SessionTurn stubborn = ann.start(ann.create(engine("stubborn")).id(), "Hi");
        slow.awaitWaiting();
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        List<TurnReader> readers = Stream.of(running, waiting, stubborn)
                .map(turn -> ann.follow(turn, 0))
                .toList();

        host.sessionTurns.close(Duration.ofMillis(200));

        for (TurnReader reader : readers) {
            TurnEvent last = next(reader);
            while (!(last.event() instanceof TurnEnded)) {
                last = next(reader);
            }
            SessionTurn ended = ((TurnEnded) last.event()).turn();
            assertThat(ended.state()).isEqualTo(SessionTurn.FAILED);
            assertThat(ended.failure()).map(TurnFailure::code).contains(ErrorCode.INTERRUPTED);
            assertThat(host.store.turn(ended.session(), ended.id())).contains(ended);
            assertThat(reader.next()).isNull();
        }
        assertThat(left.get(10, TimeUnit.SECONDS).join(Duration.ofSeconds(10))).isTrue();
        assertFails(() -> ann.start(queueing.id(), "three"), ErrorCode.UNAVAILABLE);
        assertThat(host.sessionMetrics.getGauges()).doesNotContainKey("llmgine_session_turns_running");
        assertIdle();
    }

    @Test
    void whatFailsWhileTheHostStopsWasInterruptedAndNothingBegins() throws Exception {
        ScriptedStream slow = new ScriptedStream().then(new TextDelta("a")).thenWait();
        provider.answer(slow);
        SessionTurn turn = ann.start(session.id(), "Hi");
        slow.awaitWaiting();

        host.stops.set(true);
        slow.release();

        assertThat(ann.end(turn).failure()).map(TurnFailure::code).contains(ErrorCode.INTERRUPTED);
        assertFails(() -> ann.start(session.id(), "Hi"), ErrorCode.UNAVAILABLE);
    }

    @Test
    void aModelIsShownNoMoreThanFitsAndAlwaysTheSystemPrompt() {
        host.set("maxContextMessages", 3);
        Session told = ann.create(new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("Be brief."),
                Optional.empty(),
                Optional.empty()));
        provider.answer(ScriptedStream.text("a"))
                .answer(ScriptedStream.text("b"))
                .answer(ScriptedStream.text("c"));
        ann.ask(told.id(), "one");
        ann.ask(told.id(), "two");
        ann.ask(told.id(), "three");

        assertThat(provider.requests().getLast().messages())
                .extracting(Message::text)
                .containsExactly("Be brief.", "three");
        assertThat(ann.texts(told.id())).hasSize(6);
    }

    @Test
    void whatCanNotBeStoredIsSaidAndTheSessionGoesOn() {
        LlmgineException full = new LlmgineException(ErrorCode.UNAVAILABLE, "The disk is full.");
        host.store.failOn((changed, added, turn) -> !added.isEmpty(), full);

        assertThatThrownBy(() -> ann.start(session.id(), "Hi")).isSameAs(full);
        assertThat(ann.get(session.id()).session().turn()).isEmpty();
        assertThat(ann.history(session.id())).isEmpty();

        provider.answer(ScriptedStream.text("a")).answer(ScriptedStream.text("b"));
        host.store.failOn((changed, added, turn) -> !added.isEmpty() && turn.isEmpty(), full);
        SessionTurn failed = ann.ask(session.id(), "Hi");
        assertThat(failed.failure()).map(TurnFailure::message).contains("The disk is full.");
        assertThat(ann.texts(session.id())).containsExactly("Hi");

        host.store.failOn(
                (changed, added, turn) -> turn.filter(SessionTurn::isOver).isPresent(), full);
        SessionTurn unsaid = ann.end(ann.again(session.id(), failed.prompt()));
        assertThat(unsaid.state()).as("its end is told, if not stored").isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.get(session.id()).session().turn()).isEmpty();
    }

    @Test
    void anEndThatCanNotBeStoredIsStoredWhenTheStoreIsBack() {
        LlmgineException away = new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
        BrittleStore.Choice ends =
                (changed, added, turn) -> turn.filter(SessionTurn::isOver).isPresent();
        provider.answer(ScriptedStream.text("a")).answer(ScriptedStream.text("b"));
        host.store.failOn(ends, away);
        host.store.failOn(ends, away);
        SessionTurn first = ann.ask(session.id(), "one");
        assertThat(stored(first)).isEqualTo(SessionTurn.RUNNING);
        assertThat(ann.get(first).state()).isEqualTo(SessionTurn.COMPLETED);

        host.pass(1_999);
        assertThat(stored(first)).isEqualTo(SessionTurn.RUNNING);
        host.pass(1);
        TestHost.await(() -> host.store.isUsedUp());
        // The try before may still be under way, and then there is no second one beside it.
        TestHost.await(() -> {
            host.pass(2_000);
            return stored(first).equals(SessionTurn.COMPLETED);
        });

        // In another session: what stored the first one's end may not have forgotten it yet.
        Session other = ann.create();
        host.store.failOn(ends, away);
        SessionTurn second = ann.ask(other.id(), "two");
        assertThat(stored(second)).isEqualTo(SessionTurn.RUNNING);
        provider.answer(ScriptedStream.text("c"));
        ann.ask(other.id(), "three");
        assertThat(stored(second)).as("before the next one begins").isEqualTo(SessionTurn.COMPLETED);
    }

    @Test
    void anEndThatTheStoreRefusesForGoodIsGivenUp() {
        BrittleStore.Choice ends =
                (changed, added, turn) -> turn.filter(SessionTurn::isOver).isPresent();
        provider.answer(ScriptedStream.text("a"));
        host.store.failOn(ends, new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away."));
        host.store.failOn(ends, new LlmgineException(ErrorCode.INTERRUPTED, "Another host ended it."));
        SessionTurn turn = ann.ask(session.id(), "one");

        host.sessionTurns.close(java.time.Duration.ofSeconds(1));

        assertThat(host.store.isUsedUp()).isTrue();
        assertThat(stored(turn)).isEqualTo(SessionTurn.RUNNING);
    }

    private String stored(SessionTurn turn) {
        return host.store.turn(turn.session(), turn.id()).orElseThrow().state();
    }

    @Test
    void oneThatCanNotBeginFailsAndTheNextOneIsLetIn() {
        Session queueing = ann.create(settings(SessionSettings.QUEUE, Optional.empty()));
        ScriptedStream slow = slow();
        provider.answer(slow).answer(ScriptedStream.text("c"));
        SessionTurn first = ann.start(queueing.id(), "one");
        SessionTurn known = ann.start(queueing.id(), "two");
        SessionTurn unknown = ann.start(queueing.id(), "three");
        SessionTurn last = ann.start(queueing.id(), "four");
        host.store.failOn(
                (changed, added, turn) -> begins(turn, known),
                new LlmgineException(ErrorCode.UNAVAILABLE, "The disk is full."));
        host.store.failOn((changed, added, turn) -> begins(turn, unknown), new IllegalStateException("on purpose"));

        slow.release();

        assertThat(ann.end(last).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.end(first).state()).isEqualTo(SessionTurn.COMPLETED);
        assertThat(ann.end(known).failure()).map(TurnFailure::code).contains(ErrorCode.UNAVAILABLE);
        assertThat(ann.end(unknown).failure()).map(TurnFailure::code).contains(ErrorCode.INTERNAL);
        assertThat(ann.texts(queueing.id())).containsExactly("one", "a", "four", "c");
    }

    private static boolean begins(Optional<SessionTurn> turn, SessionTurn which) {
        return turn.filter(now -> now.id().equals(which.id()) && !now.isOver()).isPresent();
    }

    private static ScriptedStream slow() {
        return new ScriptedStream()
                .then(new TextDelta("a"))
                .thenWait()
                .then(new UsageUpdate(new Usage(1, 1)))
                .then(new Finish("stop"));
    }

    private boolean isForgotten(SessionTurn turn) {
        try (TurnReader reader = ann.follow(turn, 0)) {
            return false;
        } catch (LlmgineException e) {
            return e.code().equals(ErrorCode.NOT_FOUND);
        }
    }

    private static TurnEvent next(TurnReader reader) {
        return Objects.requireNonNull(reader.next(), "an event");
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void assertIdle() {
        TestHost.await(() -> Stream.of(host.engines.list(), host.providers.list(), host.hostedTools.list())
                .flatMap(List::stream)
                .allMatch(listed -> listed.instance().orElseThrow().leases() == 0));
    }

    private static SessionDraft engine(String engine) {
        return new SessionDraft(
                Optional.empty(),
                Optional.of(engine),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static SessionDraft model(String model) {
        return new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.of(model),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static SessionDraft settings(String whenBusy, Optional<Duration> grace) {
        SessionSettings settings = new SessionSettings(
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                List.of(),
                Optional.empty(),
                whenBusy,
                grace,
                Map.of(),
                Map.of());
        return new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(settings));
    }
}
