package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class HostsTest {
    private static final Instant NOW = Samples.THEN.plusSeconds(60);

    private final TestDatabase.Kind kind;
    private final TestDatabase database;
    private long nanos = 1;

    HostsTest(TestDatabase.Kind kind) {
        this.kind = kind;
        database = new TestDatabase(kind);
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** Is a host with what it runs. */
    private final class TestHost {
        private final Database opened;
        private final Hosts hosts;
        private final JdbcSessionStore store;

        TestHost(String id, String node) {
            opened = database.open(id);
            hosts = new Hosts(opened, node, () -> NOW);
            store = new JdbcSessionStore(opened);
        }

        TestHost start() {
            hosts.start(nanos);
            return this;
        }

        /** Let a session have a turn that runs and one that waits. */
        void begin(String session) {
            SessionTurn running = Samples.turn(session, "turn_1", SessionTurn.RUNNING);
            store.put(Samples.session(session), List.of(Samples.entry("msg_1", "turn_1")), Optional.of(running));
            store.put(
                    Samples.session(session),
                    List.of(),
                    Optional.of(Samples.turn(session, "turn_2", SessionTurn.QUEUED)));
        }

        List<String> states(String session) {
            return store.turns(session).stream().map(SessionTurn::state).toList();
        }
    }

    /** Let time pass in steps of a heartbeat. */
    private void live(int seconds, TestHost... hosts) {
        for (int i = 0; i < seconds; i += 3) {
            nanos += TimeUnit.SECONDS.toNanos(3);
            for (TestHost host : hosts) {
                assertThat(host.hosts.isDue(nanos)).isTrue();
                host.hosts.round(nanos);
            }
        }
    }

    private void silence(TestHost host) {
        host.opened.write(sql -> sql.update(
                "UPDATE hosts SET heartbeat = CURRENT_TIMESTAMP - INTERVAL '16' SECOND WHERE id = ?",
                host.opened.host()));
    }

    @Test
    void whatAnEarlierRunLeftBehindIsInterruptedAtTheStart() {
        new TestHost("host_a", "node_1").start().begin("sess_1");

        TestHost next = new TestHost("host_b", "node_1").start();

        SessionTurn first = next.store.turn("sess_1", "turn_1").orElseThrow();
        assertThat(first.state()).isEqualTo(SessionTurn.FAILED);
        assertThat(first.ended()).contains(NOW);
        assertThat(first.failure()).contains(TurnFailure.INTERRUPTED);
        assertThat(first.failure().orElseThrow().code()).isEqualTo(ErrorCode.INTERRUPTED);
        assertThat(next.states("sess_1")).containsExactly(SessionTurn.FAILED, SessionTurn.FAILED);
        assertThat(next.store.entries("sess_1")).containsExactly(Samples.entry("msg_1", "turn_1"));

        next.store.put(
                Samples.session("sess_1"),
                List.of(),
                Optional.of(Samples.turn("sess_1", "turn_3", SessionTurn.RUNNING)));
        assertThat(next.states("sess_1")).endsWith(SessionTurn.RUNNING);
    }

    @Test
    void aHostThatFellSilentLosesItsTurnsToTheOthersAndIsTold() {
        TestHost silent = new TestHost("host_a", "node_1").start();
        TestHost other = new TestHost("host_b", kind == TestDatabase.Kind.H2 ? "node_1" : "node_2");
        if (kind == TestDatabase.Kind.POSTGRES) {
            other.start();
        } else {
            // Of a file nobody else would read a second host is made by hand.
            other.hosts.round(nanos);
        }
        silent.begin("sess_1");

        live(18, silent, other);
        assertThat(other.states("sess_1")).containsExactly(SessionTurn.RUNNING, SessionTurn.QUEUED);

        silence(silent);
        live(3, other);
        assertThat(other.states("sess_1")).containsOnly(SessionTurn.FAILED);
        JdbcSessionStoreTest.assertCode(
                ErrorCode.INTERRUPTED,
                () -> silent.store.put(
                        Samples.session("sess_1"), List.of(Samples.entry("msg_2", "turn_1")), Optional.empty()));
        JdbcSessionStoreTest.assertCode(
                ErrorCode.INTERRUPTED,
                () -> silent.store.put(
                        Samples.session("sess_1"),
                        List.of(),
                        Optional.of(Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED))));

        live(3, silent);
        silent.begin("sess_2");
        live(18, other, silent);
        assertThat(other.states("sess_2")).containsExactly(SessionTurn.RUNNING, SessionTurn.QUEUED);
    }

    @Test
    void aHostThatHadNoHeartbeatItselfWaitsBeforeItBuriesOthers() {
        TestHost silent = new TestHost("host_a", "node_1").start();
        TestHost other = new TestHost("host_b", "node_2");
        other.hosts.round(nanos);
        silent.begin("sess_1");
        live(18, silent, other);

        nanos += TimeUnit.SECONDS.toNanos(30);
        silence(silent);
        other.hosts.round(nanos);
        assertThat(other.states("sess_1")).containsExactly(SessionTurn.RUNNING, SessionTurn.QUEUED);

        live(18, other);
        assertThat(other.states("sess_1")).containsOnly(SessionTurn.FAILED);
    }

    @Test
    void aTimerThatAnEarlierRunHadClaimedIsFreeAtTheStartAndNoOther() {
        TestHost first = new TestHost("host_a", "node_1").start();
        JdbcTimerStore timers = new JdbcTimerStore(first.opened);
        StoredTimer timer = timers.put(Samples.timer("timer_1", ""));
        timers.claim("a", NOW, NOW.plusSeconds(30), 1);
        live(18, first);
        assertThat(timers.nextDue()).contains(NOW.truncatedTo(ChronoUnit.MILLIS).plusSeconds(30));

        new TestHost("host_b", "node_1").start();

        assertThat(timers.find("timer_1")).contains(timer);
        assertThat(timers.complete("timer_1", "a", Optional.empty())).isFalse();
    }

    @Test
    void aHostThatStopsIsForgotten() {
        TestHost host = new TestHost("host_a", "node_1").start();
        assertThat(count(host)).isEqualTo(1);

        host.hosts.close();

        assertThat(count(host)).isZero();
    }

    private static int count(TestHost host) {
        return host.opened.read(sql -> sql.number("SELECT COUNT(*) FROM hosts"));
    }
}
