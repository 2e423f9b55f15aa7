package org.llmgine.http.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.Usage;
import org.llmgine.core.command.Command;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.ChangeSession;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.EditMessage;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.GetTurn;
import org.llmgine.core.session.GetTurnMessages;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.session.ListApprovals;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionHistory;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.session.TurnReader;

/** Sessions that are all the same two, and turns whose events the test says. */
final class FakeSessions {
    static final Instant BEGIN = Instant.parse("2026-11-22T10:00:00Z");
    static final Instant END = Instant.parse("2026-11-22T10:00:01.5Z");

    static final Session PLAIN = new Session(
            "sess_1",
            "tester",
            "",
            "tool-chat",
            "default",
            "",
            Optional.empty(),
            SessionSettings.DEFAULT,
            Optional.empty(),
            BEGIN,
            BEGIN,
            Optional.empty());

    static final Session FULL = new Session(
            "sess_2",
            "tester",
            "Sums",
            "tool-chat",
            "fake/plain",
            "Be short.",
            Optional.of(List.of("add")),
            new SessionSettings(
                    OptionalInt.of(10),
                    OptionalDouble.of(0.5),
                    OptionalDouble.of(0.9),
                    OptionalLong.of(7),
                    List.of("END"),
                    Optional.of("low"),
                    SessionSettings.QUEUE,
                    Optional.of(Duration.ofSeconds(60)),
                    Map.of("add", SessionSettings.ASK),
                    Map.of("top_k", 5)),
            Optional.of("msg_4"),
            BEGIN,
            END,
            Optional.of("turn_1"));

    static final SessionTurn RUNNING = new SessionTurn(
            "turn_1",
            "sess_1",
            SessionTurn.RUNNING,
            "msg_1",
            "tool-chat",
            "",
            BEGIN,
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.empty());

    static final SessionTurn SUSPENDED = new SessionTurn(
            "turn_1",
            "sess_1",
            SessionTurn.SUSPENDED,
            "msg_1",
            "tool-chat",
            "fake/plain",
            BEGIN,
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.empty());

    static final Approval ASKED = approval("appr_2", 3);
    static final Approval DENIED =
            approval("appr_1", 2).decided(Approval.DENIED, Optional.of("olga"), "Not \"so\".", END);

    private static Approval approval(String id, long event) {
        return new Approval(
                id,
                "sess_1",
                "turn_1",
                event,
                new ToolCall("c1", "add", "{\"a\":1}"),
                new Principal("tester", Set.of(Principal.USER)),
                BEGIN,
                END,
                Approval.PENDING,
                Optional.empty(),
                "",
                Optional.empty());
    }

    static final SessionTurn COMPLETED = new SessionTurn(
            "turn_1",
            "sess_1",
            SessionTurn.COMPLETED,
            "msg_1",
            "tool-chat",
            "fake/plain",
            BEGIN,
            Optional.of(END),
            "stop",
            Optional.of(new Usage(3, 2, 1, 0)),
            Optional.empty());

    static final SessionTurn FAILED = new SessionTurn(
            "turn_1",
            "sess_1",
            SessionTurn.FAILED,
            "msg_1",
            "tool-chat",
            "fake/plain",
            BEGIN,
            Optional.of(END),
            "",
            Optional.empty(),
            Optional.of(new TurnFailure(
                    ErrorCode.PROVIDER_ERROR, "The back-end broke.", Optional.of("Try again."), Optional.of("model"))));

    static final List<HistoryEntry> HISTORY = List.of(
            entry("msg_1", Optional.empty(), "turn_1", user()),
            entry("msg_2", Optional.of("msg_1"), "turn_1", calling()),
            entry("msg_3", Optional.of("msg_2"), "turn_1", Message.tool("c1", "3")),
            entry("msg_4", Optional.of("msg_3"), "turn_0", Message.assistant("It is 3.")));

    /** What was asked, but for the keys. */
    final BlockingQueue<Command<?>> asked = new LinkedBlockingQueue<>();

    /** What the next command throws. */
    volatile Optional<LlmgineException> failure = Optional.empty();

    /** What a turn is when it is asked for. */
    volatile SessionTurn turn = FAILED;

    /** What the next reader reads. */
    volatile FakeReader reader = new FakeReader();

    private static HistoryEntry entry(String id, Optional<String> parent, String turn, Message message) {
        return new HistoryEntry(id, parent, Optional.of(turn), BEGIN, message, List.of(id));
    }

    private static Message user() {
        return new Message(
                Role.USER,
                List.of(
                        new TextPart("1+2?"),
                        new ImagePart("https://example.org/a.png", "low"),
                        new FilePart("a.txt", "data:text/plain;base64,QQ=="),
                        new FilePart("", "file-1"),
                        () -> "smells"));
    }

    private static Message calling() {
        return new Message(
                Role.ASSISTANT,
                List.of(),
                List.of(new ToolCall("c1", "add", "{\"a\":1}")),
                Optional.empty(),
                Map.of("reasoning_content", "Hm.", "refusal", "No.", "other", 1));
    }

    Object execute(Command<?> command) {
        asked.add(command);
        Optional<LlmgineException> thrown = failure;
        if (thrown.isPresent()) {
            failure = Optional.empty();
            throw thrown.get();
        }
        return switch (command) {
            case CreateSession any -> PLAIN;
            case ListSessions any -> List.of(PLAIN, FULL);
            case GetSession any -> new SessionHistory(FULL, HISTORY);
            case ChangeSession any -> FULL;
            case DeleteSession any -> PLAIN;
            case EditMessage any -> HISTORY.getLast();
            case StartTurn any -> RUNNING;
            case ListTurns any -> List.of(COMPLETED, RUNNING);
            case GetTurn any -> turn;
            case ListApprovals any -> List.of(ASKED, DENIED);
            case GetApproval any -> DENIED;
            case DecideApproval any -> DENIED;
            case GetTurnMessages any -> HISTORY.subList(0, 3);
            case CancelTurn any -> COMPLETED;
            case FollowTurn any -> reader;
            default -> throw new AssertionError("not expected: " + command);
        };
    }

    /** Reads what the test lays into it; the numbers of events rise by one. */
    static final class FakeReader implements TurnReader {
        private final BlockingQueue<Object> items = new LinkedBlockingQueue<>();
        private final CountDownLatch closed = new CountDownLatch(1);
        private long seq;
        private boolean over;

        FakeReader() {}

        FakeReader(long after, StreamEvent... events) {
            seq = after;
            for (StreamEvent event : events) {
                add(event);
            }
        }

        void add(StreamEvent event) {
            items.add(new TurnEvent(++seq, event));
        }

        /** Let the next look find nothing more. */
        void end() {
            items.add(this);
        }

        void fail(RuntimeException failure) {
            items.add(failure);
        }

        void awaitClose() throws InterruptedException {
            closed.await();
        }

        boolean isClosed() {
            return closed.getCount() == 0;
        }

        @Override
        public @Nullable TurnEvent next() {
            if (over) {
                return null;
            }
            try {
                switch (items.take()) {
                    case TurnEvent event -> {
                        over = event.event() instanceof TurnEnded;
                        return event;
                    }
                    case RuntimeException failure -> throw failure;
                    default -> {
                        return null;
                    }
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public boolean isReady() {
            return over || !items.isEmpty();
        }

        @Override
        public void close() {
            items.add(new LlmgineException(ErrorCode.CANCELLED, "The reader is closed."));
            closed.countDown();
        }
    }

    /** Take what was asked so far. */
    List<Command<?>> takeAsked() {
        List<Command<?>> taken = new ArrayList<>();
        asked.drainTo(taken);
        return taken;
    }
}
