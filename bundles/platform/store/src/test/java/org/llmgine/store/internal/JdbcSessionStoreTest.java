package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.SessionStore.Entry;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcSessionStoreTest {
    private final TestDatabase database;
    private final JdbcSessionStore store;

    JdbcSessionStoreTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
        store = new JdbcSessionStore(database.open("host_a"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void whatWasPutIsThereForTheNextHost() {
        Session session = Samples.session("sess_1");
        SessionTurn running = Samples.turn("sess_1", "turn_1", SessionTurn.RUNNING);
        SessionTurn queued = Samples.turn("sess_1", "turn_2", SessionTurn.QUEUED);
        SessionTurn over = Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED);
        Entry entry = Samples.entry("msg_1", "turn_1");

        store.put(session, List.of(Samples.loose("msg_0")), Optional.empty());
        store.put(session, List.of(entry), Optional.of(running));
        store.put(session, List.of(), Optional.of(queued));
        store.put(session, List.of(), Optional.of(over));

        JdbcSessionStore next = new JdbcSessionStore(database.open("host_b"));
        assertThat(next.session("sess_1")).contains(session);
        assertThat(next.entries("sess_1")).containsExactly(Samples.loose("msg_0"), entry);
        assertThat(next.turns("sess_1")).containsExactly(over, queued);
        assertThat(next.turn("sess_1", "turn_2")).contains(queued);
        assertThat(next.count()).isEqualTo(1);
        assertThat(next.count("ann")).isEqualTo(1);
        assertThat(next.count("bob")).isZero();
    }

    @Test
    void whatIsNotThereIsEmpty() {
        assertThat(store.session("sess_none")).isEmpty();
        assertThat(store.entries("sess_none")).isEmpty();
        assertThat(store.turns("sess_none")).isEmpty();
        assertThat(store.turn("sess_none", "turn_none")).isEmpty();
        store.remove("sess_none");
    }

    @Test
    void sessionsComeLastChangedFirstAndPageByPage() {
        for (int i = 0; i < 7; i++) {
            Instant updated = Samples.THEN.plusNanos(i / 3);
            store.put(Samples.session("sess_" + (char) ('a' + i), "ann", updated), List.of(), Optional.empty());
        }
        store.put(Samples.session("sess_old", "ann", Instant.MIN), List.of(), Optional.empty());
        store.put(Samples.session("sess_new", "ann", Instant.MAX), List.of(), Optional.empty());
        store.put(Samples.session("sess_x", "bob", Samples.THEN), List.of(), Optional.empty());

        List<String> seen = new ArrayList<>();
        Optional<Session> after = Optional.empty();
        List<Session> page;
        while (!(page = store.sessions("ann", after, 2)).isEmpty()) {
            page.forEach(session -> seen.add(session.id().substring("sess_".length())));
            after = Optional.of(page.getLast());
        }

        assertThat(seen).containsExactly("new", "g", "d", "e", "f", "a", "b", "c", "old");
    }

    @Test
    void aRemovedSessionTakesItsHistoryAlong() {
        Session session = Samples.session("sess_1");
        SessionTurn over = Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED);
        store.put(session, List.of(Samples.loose("msg_1")), Optional.of(over));

        store.remove("sess_1");

        assertThat(store.session("sess_1")).isEmpty();
        assertThat(store.entries("sess_1")).isEmpty();
        assertThat(store.turns("sess_1")).isEmpty();
    }

    @Test
    void aPutIsDoneWholeOrNotAtAll() {
        Session session = Samples.session("sess_1");
        store.put(session, List.of(Samples.loose("msg_1")), Optional.empty());
        Session changed = Samples.session("sess_1", "ann", Samples.THEN.plusSeconds(1));

        // The second message has the id of one that is there.
        assertThatThrownBy(() ->
                        store.put(changed, List.of(Samples.loose("msg_2"), Samples.loose("msg_1")), Optional.empty()))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));

        assertThat(store.session("sess_1")).contains(session);
        assertThat(store.entries("sess_1")).containsExactly(Samples.loose("msg_1"));
    }

    @Test
    void contentThatCanNotBeKeptIsRefusedAndNothingIsStored() {
        record Hologram(String shape) implements ContentPart {
            @Override
            public String capability() {
                return "holograms";
            }
        }
        Entry odd = new Entry(
                "msg_1",
                Optional.empty(),
                Optional.empty(),
                Samples.THEN,
                new Message(Role.USER, List.of(new Hologram("cat"))));

        assertThatThrownBy(() -> store.put(Samples.session("sess_1"), List.of(odd), Optional.empty()))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FIELD))
                .hasMessageContaining("Hologram");
        assertThat(store.session("sess_1")).isEmpty();
    }

    @Test
    void aNameThatNoDatabaseKeepsIsRefused() {
        for (String name : List.of("a\u0000b", "\ud83d", "\udf88\ud83c")) {
            assertThatThrownBy(() -> store.session(name))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        }
        assertThat(store.session("🎈")).isEmpty();
    }

    @Test
    void aLongMessageIsKept() {
        Entry entry = new Entry(
                "msg_1", Optional.empty(), Optional.empty(), Samples.THEN, Message.user("long ".repeat(5_000_000)));

        store.put(Samples.session("sess_1"), List.of(entry), Optional.empty());

        assertThat(store.entries("sess_1").equals(List.of(entry))).isTrue();
    }

    @Test
    void oneTurnRunsOverAllHosts() {
        JdbcSessionStore other = new JdbcSessionStore(database.open("host_b"));
        Session session = Samples.session("sess_1");
        SessionTurn first = Samples.turn("sess_1", "turn_1", SessionTurn.RUNNING);
        SessionTurn second = Samples.turn("sess_1", "turn_2", SessionTurn.RUNNING);
        store.put(session, List.of(Samples.entry("msg_1", "turn_1")), Optional.of(first));

        assertCode(ErrorCode.BUSY, () -> other.put(session, List.of(), Optional.of(second)));
        assertCode(ErrorCode.BUSY, () -> other.put(session, List.of(Samples.loose("msg_2")), Optional.empty()));

        store.put(session, List.of(), Optional.of(Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED)));
        other.put(session, List.of(Samples.entry("msg_2", "turn_2")), Optional.of(second));
        assertThat(store.turns("sess_1")).extracting(SessionTurn::state).containsExactly("completed", "running");
    }

    @Test
    void ofTwoHostsThatBeginAtTheSameMomentOneDoes() throws Exception {
        JdbcSessionStore other = new JdbcSessionStore(database.open("host_b"));
        Session session = Samples.session("sess_1");
        store.put(session, List.of(), Optional.empty());
        for (int round = 0; round < 20; round++) {
            String mine = "turn_a" + round;
            String his = "turn_b" + round;
            CompletableFuture<Boolean> race =
                    CompletableFuture.supplyAsync(() -> begins(other, session, his), Thread::startVirtualThread);
            boolean begun = begins(store, session, mine);
            boolean otherBegun = race.get(30, TimeUnit.SECONDS);

            assertThat(begun).as("round %s", round).isNotEqualTo(otherBegun);
            (begun ? store : other)
                    .put(
                            session,
                            List.of(),
                            Optional.of(Samples.turn("sess_1", begun ? mine : his, SessionTurn.COMPLETED)));
        }
    }

    private static boolean begins(JdbcSessionStore store, Session session, String turn) {
        try {
            store.put(session, List.of(), Optional.of(Samples.turn("sess_1", turn, SessionTurn.RUNNING)));
            return true;
        } catch (LlmgineException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
            return false;
        }
    }

    @Test
    void anEndMayBeStoredTwice() {
        Session session = Samples.session("sess_1");
        SessionTurn over = Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED);
        store.put(session, List.of(), Optional.of(over));
        store.put(session, List.of(), Optional.of(over));

        assertThat(store.turns("sess_1")).containsExactly(over);
    }

    static void assertCode(ErrorCode code, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
