package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.ArgumentCommandLine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionHistory;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.session.TurnReader;

@Timeout(20)
class SessionCommandsTest {
    private static final Instant TIME = Instant.parse("2026-11-22T10:00:00.123Z");
    private static final Session PLANS = session("sess_1", "Plans", Optional.empty());
    private static final Session OTHER = session("sess_2", "", Optional.of("turn_9"));

    private final Screen screen = new Screen();

    @Test
    void sessionsAreATable() throws Exception {
        List<ListSessions> asked = new ArrayList<>();
        FakeHost host = new FakeHost().on(ListSessions.class, list -> {
            asked.add(list);
            return List.of(OTHER, PLANS);
        });
        SessionsCommand command = screen.show(new SessionsCommand(), host);
        command.execute();
        command.limit = 100_000;
        command.owner = "bob";
        command.execute();

        assertThat(screen.text().lines())
                .contains(
                        "sess_2 | 2026-11-22T10:00:00Z | tool-chat | default | in progress |",
                        "sess_1 | 2026-11-22T10:00:00Z | tool-chat | default |             | Plans");
        assertThat(asked).extracting(ListSessions::limit).containsExactly(50, 500);
        assertThat(asked).extracting(ListSessions::owner).containsExactly("", "bob");
    }

    @Test
    void aSessionIsMadeOfWhatIsGiven() throws Exception {
        List<SessionDraft> drafts = new ArrayList<>();
        FakeHost host = new FakeHost().on(CreateSession.class, create -> {
            drafts.add(create.draft());
            return PLANS;
        });
        SessionCreateCommand command = screen.show(new SessionCreateCommand(), host);
        command.execute();
        command.title = "Plans";
        command.engine = "tool-chat";
        command.model = "offline/demo";
        command.systemPrompt = "Be brief.";
        command.tools = List.of("calculator", "clock");
        command.execute();

        assertThat(screen.text()).isEqualTo("sess_1\nsess_1\n");
        assertThat(drafts)
                .containsExactly(
                        SessionDraft.EMPTY,
                        new SessionDraft(
                                Optional.of("Plans"),
                                Optional.of("tool-chat"),
                                Optional.of("offline/demo"),
                                Optional.of("Be brief."),
                                Optional.of(Optional.of(List.of("calculator", "clock"))),
                                Optional.empty()));
    }

    @Test
    void aSessionIsShownWithItsConversation() throws Exception {
        ToolCall call = new ToolCall("c1", "clock", "{}");
        SessionHistory history = new SessionHistory(
                OTHER,
                List.of(
                        entry("msg_1", Message.user("What time is it?"), "msg_0", "msg_1"),
                        entry("msg_2", Message.assistant("", List.of(call)), "msg_2"),
                        entry("msg_3", Message.tool("c1", "noon"), "msg_3"),
                        entry("msg_4", Message.assistant("Noon."), "msg_4")));
        SessionShowCommand command =
                screen.show(new SessionShowCommand(), new FakeHost().on(GetSession.class, get -> history));
        command.id = "sess_2";

        command.execute();

        assertThat(screen.text()).isEqualTo("""
                        Owner   ada
                        Engine  tool-chat
                        Model   default
                        Tools   all
                        Turn    turn_9 in progress

                        user (2 of 2):
                        What time is it?

                        assistant:
                        [clock {}]

                        tool:
                        noon

                        assistant:
                        Noon.
                        """);
    }

    @Test
    void aSessionIsDeletedByItsId() throws Exception {
        FakeHost host = new FakeHost()
                .on(DeleteSession.class, delete -> delete.sessionId().equals("sess_1") ? PLANS : OTHER);
        SessionDeleteCommand command = screen.show(new SessionDeleteCommand(), host);
        command.id = "sess_1";
        command.execute();
        command.id = "sess_2";
        command.execute();

        assertThat(screen.text()).isEqualTo("The session sess_1 (Plans) is gone.\nThe session sess_2 is gone.\n");
    }

    @Test
    @SuppressWarnings("NullAway") // no session is needed
    void idsAndNamesAreCompleted() {
        FakeHost host = new FakeHost()
                .on(ListSessions.class, list -> List.of(PLANS, OTHER))
                .on(ListInstances.class, list -> List.of(instance(list.kind())));
        List<String> candidates = new ArrayList<>();
        for (HostCompleter completer : List.of(new SessionCompleter(), new EngineCompleter(), new ToolCompleter())) {
            completer.subject = Screen::ada;
            completer.commands = host;
            completer.complete(null, new ArgumentCommandLine("", 0), candidates);
        }

        assertThat(candidates).containsExactly("sess_1 ", "sess_2 ", "one-engine ", "add ");
    }

    @Test
    void aSessionsTurnIsShownAsItComes() throws Exception {
        List<StartTurn> started = new ArrayList<>();
        ToolCall call = new ToolCall("c1", "clock", "{}");
        Events events = new Events(
                new StatusUpdate("thinking", "Thinking it over"),
                new TextDelta("Let me see."),
                new ToolStarted(call),
                new ToolFinished(call, ToolResult.error("It stands still."), java.time.Duration.ofMillis(3)),
                new TextDelta("No idea."),
                new Finish(Finish.STOP),
                new TurnEnded(turn(SessionTurn.COMPLETED, null)));
        ChatCommand command = chat(host(started, events));
        command.sessionId = "sess_1";
        command.text = List.of("What", "time?");

        command.execute();

        assertThat(screen.text()).isEqualTo("""
                        [Thinking it over]
                        Let me see.
                        [clock {}]
                        [clock failed: It stands still.]
                        No idea.
                        """);
        assertThat(started).singleElement().satisfies(start -> {
            assertThat(start.sessionId()).isEqualTo("sess_1");
            assertThat(start.draft().prompt()).containsExactly(new TextPart("What time?"));
        });
        assertThat(events.closed.getCount()).isZero();
    }

    @Test
    void aSessionsTurnThatFailsSaysWhy() {
        TurnFailure failure = new TurnFailure(
                ErrorCode.PROVIDER_ERROR, "The back-end broke off.", Optional.of("Ask again."), Optional.empty());
        ChatCommand command = chat(host(
                new ArrayList<>(),
                new Events(new TextDelta("Half"), new TurnEnded(turn(SessionTurn.FAILED, failure)))));
        command.sessionId = "sess_1";

        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("The back-end broke off.")
                .satisfies(e -> assertThat(e.getNiceHelp()).contains("Ask again."));
        assertThat(screen.text()).isEqualTo("Half\n");
    }

    @Test
    void anInterruptCancelsTheSessionsTurn() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        CountDownLatch printed = new CountDownLatch(1);
        TurnFailure failure =
                new TurnFailure(ErrorCode.CANCELLED, "It was cancelled.", Optional.empty(), Optional.empty());
        Events events = new Events(new TextDelta("An endless "), new TurnEnded(turn(SessionTurn.CANCELLED, failure))) {
            @Override
            void beforeLast() throws InterruptedException {
                printed.countDown();
                cancelled.await();
            }
        };
        FakeHost host = host(new ArrayList<>(), events).on(CancelTurn.class, cancel -> {
            assertThat(cancel.turnId()).isEqualTo("turn_1");
            cancelled.countDown();
            throw new LlmgineException(ErrorCode.NOT_FOUND, "It is gone already.");
        });
        ChatCommand command = chat(host);
        command.sessionId = "sess_1";
        AtomicReference<@Nullable Object> outcome = new AtomicReference<>("still running");
        Thread shell = Thread.ofPlatform().start(() -> {
            try {
                outcome.set(command.execute());
            } catch (Exception e) {
                outcome.set(e);
            }
        });

        assertThat(printed.await(10, TimeUnit.SECONDS)).isTrue();
        shell.interrupt();
        shell.join();

        assertThat(outcome.get()).isNull();
        assertThat(screen.text()).isEqualTo("An endless ");
    }

    @Test
    void anEngineIsAskedByItsName() throws Exception {
        List<String> asked = new ArrayList<>();
        ChatCommand command = chat(new FakeHost().on(RunTurn.class, run -> {
            asked.add(run.request().model());
            return new TurnSummary("turn_1", "offline/demo", Optional.empty(), Finish.STOP);
        }));
        command.execute();
        command.engine = "tool-chat";
        command.execute();

        assertThat(asked).containsExactly("default", "engine/tool-chat");
        command.sessionId = "sess_1";
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("Ask a model, an engine or a session, not two of them.");
    }

    private ChatCommand chat(FakeHost host) {
        ChatCommand command = screen.show(new ChatCommand(), host);
        command.session = Screen.session(screen.out);
        return command;
    }

    private static FakeHost host(List<StartTurn> started, Events events) {
        return new FakeHost()
                .on(StartTurn.class, start -> {
                    started.add(start);
                    return turn(SessionTurn.RUNNING, null);
                })
                .on(FollowTurn.class, follow -> events);
    }

    private static Session session(String id, String title, Optional<String> turn) {
        return new Session(
                id,
                "ada",
                title,
                "tool-chat",
                "default",
                "",
                Optional.empty(),
                SessionSettings.DEFAULT,
                Optional.empty(),
                TIME,
                TIME,
                turn);
    }

    private static SessionTurn turn(String state, @Nullable TurnFailure failure) {
        return new SessionTurn(
                "turn_1",
                "sess_1",
                state,
                "msg_1",
                "tool-chat",
                "offline/demo",
                TIME,
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.ofNullable(failure));
    }

    private static HistoryEntry entry(String id, Message message, String... siblings) {
        return new HistoryEntry(id, Optional.empty(), Optional.empty(), TIME, message, List.of(siblings));
    }

    private static InstanceEntry instance(String kind) {
        return new InstanceEntry(
                kind,
                "one-" + kind,
                "one",
                "1.0.0",
                "org.example.one",
                "active",
                Optional.empty(),
                0,
                Map.of(),
                kind.equals("tool") ? Optional.of(new ToolSpec("add", "Adds.", "{}", false)) : Optional.empty());
    }

    /** Gives some events and then ends. */
    private static class Events implements TurnReader {
        private final Iterator<StreamEvent> events;
        private long seq;
        final CountDownLatch closed = new CountDownLatch(1);

        Events(StreamEvent... events) {
            this.events = List.of(events).iterator();
        }

        void beforeLast() throws InterruptedException {}

        @Override
        public @Nullable TurnEvent next() {
            if (!events.hasNext()) {
                return null;
            }
            StreamEvent event = events.next();
            if (!events.hasNext()) {
                try {
                    beforeLast();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return new TurnEvent(++seq, event);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
