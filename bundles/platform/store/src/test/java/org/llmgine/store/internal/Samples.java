package org.llmgine.store.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.llmgine.api.Principal;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Usage;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.SessionStore.Entry;

/** Makes sessions, messages and turns for tests. */
final class Samples {
    static final Instant THEN = Instant.parse("2026-01-01T00:00:00.123456789Z");

    private Samples() {}

    static Session session(String id) {
        return session(id, "ann", THEN);
    }

    static Session session(String id, String owner, Instant updated) {
        return new Session(
                id,
                owner,
                "Plans – for “May” 🎈",
                "tool-chat",
                "default",
                "Be brief.",
                Optional.of(List.of("clock")),
                new SessionSettings(
                        OptionalInt.of(10),
                        OptionalDouble.of(0.1),
                        OptionalDouble.empty(),
                        OptionalLong.of(Long.MIN_VALUE),
                        List.of("\n"),
                        Optional.of("high"),
                        SessionSettings.QUEUE,
                        Optional.of(Duration.ofMillis(1500)),
                        Map.of("clock", SessionSettings.ASK),
                        Map.of("top_k", 3, "nested", Map.of("list", List.of(true, 1.5, "x")))),
                Optional.of("msg_1"),
                THEN,
                updated,
                Optional.empty());
    }

    static Entry entry(String id, String turn) {
        return new Entry(id, Optional.of("msg_0"), Optional.of(turn), THEN, Message.user("Hello " + id));
    }

    static Entry loose(String id) {
        return new Entry(id, Optional.empty(), Optional.empty(), THEN, message());
    }

    static StoredMessage stored(String payload) {
        return new StoredMessage(
                StoredMessage.COMMAND,
                "test/work",
                1,
                "test.bundle",
                "test.Work",
                payload,
                "sess_1",
                new Principal("ann", Set.of("user")),
                Map.of(),
                "",
                Optional.empty());
    }

    static DeadLetter letter(String id) {
        return new DeadLetter(id, stored("{}"), "", 4, "plugin_failed", "It failed.", THEN, THEN.plusSeconds(1));
    }

    static StoredTimer timer(String id, String name) {
        return new StoredTimer(
                id,
                name,
                "test.bundle",
                "every PT1H",
                stored("{}"),
                Optional.empty(),
                StoredTimer.Progress.first(THEN.truncatedTo(ChronoUnit.MILLIS)),
                Optional.empty());
    }

    static Message message() {
        return new Message(
                Role.ASSISTANT,
                List.of(
                        new TextPart("a\u0000b\ud83d tail"),
                        new ImagePart("data:image/png;base64,AAAA", "low"),
                        new FilePart("", "file-1")),
                List.of(new ToolCall("call_1", "clock", "{\"not\":"), new ToolCall("call_2", "", "")),
                Optional.of("call_0"),
                Map.of(Message.REASONING_CONTENT, "because", "deep", List.of(Map.of("a", 1))));
    }

    static SessionTurn turn(String session, String id, String state) {
        boolean over = !List.of(SessionTurn.QUEUED, SessionTurn.RUNNING, SessionTurn.SUSPENDED)
                .contains(state);
        return new SessionTurn(
                id,
                session,
                state,
                "msg_1",
                "tool-chat",
                over ? "offline/demo" : "",
                THEN,
                over ? Optional.of(THEN.plusSeconds(1)) : Optional.empty(),
                over ? "stop" : "",
                over ? Optional.of(new Usage(1, 2, 3, 4)) : Optional.empty(),
                Optional.empty());
    }

    static Approval approval(String session, String turn, String id, Instant created) {
        return new Approval(
                id,
                session,
                turn,
                7,
                new ToolCall("call_1", "clock", "{\"zone\": \"“May”\"}"),
                new Principal("ann", Set.of(Principal.USER, "own")),
                created,
                created.plusSeconds(60),
                Approval.PENDING,
                Optional.empty(),
                "",
                Optional.empty());
    }
}
