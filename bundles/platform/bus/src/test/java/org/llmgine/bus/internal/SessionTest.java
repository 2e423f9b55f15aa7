package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.BusSession;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionEnded;
import org.llmgine.api.bus.SessionOptions;
import org.llmgine.api.bus.SessionStarted;

class SessionTest {
    private static final Principal ANN = new Principal("ann", Set.of(Principal.USER));

    private final TestBus test = new TestBus();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    record Ask() implements Command<String> {}

    record Said(String text) implements Event {}

    @AfterEach
    void stop() {
        test.close();
    }

    private List<String> next(int count) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(String.valueOf(heard.poll(20, TimeUnit.SECONDS)));
        }
        return all;
    }

    private BusSession open(String id) {
        return test.own.openSession(SessionOptions.withId(id).withOwner(ANN));
    }

    @Test
    void itsBeginAndEndAreToldInOrder() throws InterruptedException {
        test.listen(
                SessionStarted.class,
                (event, context) ->
                        heard.add("started " + event.sessionId() + " " + event.owner() + " " + context.session()));
        test.listen(Said.class, (event, context) -> heard.add(event.text()));
        test.listen(
                SessionEnded.class,
                (event, context) -> heard.add("ended " + event.errorCode().orElse("well")));
        try (BusSession session = open("s")) {
            assertThat(session.active()).isTrue();
            assertThat(session.owner()).isEqualTo(ANN);
            assertThat(session.started()).isEqualTo(TestBus.NOW);
            session.publish(new Said("hello"));
        }
        assertThat(next(3)).containsExactly("started s ann s", "hello", "ended well");

        BusSession failing = open("t");
        failing.end(new LlmgineException(ErrorCode.TIMEOUT, "Late."));
        failing.end();

        assertThat(next(2)).containsExactly("started t ann t", "ended timeout");
        assertThat(failing.active()).isFalse();
    }

    @Test
    void itsHandlersAndListenersAreItsOwnAndTheHostsSeeAllSessions() {
        test.own.handle(Ask.class, (command, context) -> "host");
        test.listen(Said.class, (event, context) -> heard.add("host " + event.text()));
        BusSession one = open("one");
        BusSession two = open("two");
        one.handle(Ask.class, (command, context) -> "one " + context.principal().name());
        one.listen(
                Said.class,
                ListenerOptions.named("one").withRanking(1),
                (event, context) -> heard.add("one " + event.text()));

        assertThat(one.execute(new Ask()).orElseThrow()).isEqualTo("one ann");
        assertThat(one.execute(new Ask()).session()).isEqualTo("one");
        assertThat(two.execute(new Ask()).orElseThrow()).isEqualTo("host");
        assertThat(test.own.execute(new Ask(), SendOptions.inSession("one")).orElseThrow())
                .startsWith("one");
        assertThat(test.own.execute(new Ask()).orElseThrow()).isEqualTo("host");
        one.publish(new Said("a")).await(TestBus.LONG);
        two.publish(new Said("b")).await(TestBus.LONG);
        assertThat(heard).containsExactly("one a", "host a", "host b");
        assertThat(test.gauge("active_sessions")).isEqualTo(2);
    }

    @Test
    void hostsListenersThatComeLaterAreHeardInAnOpenSessionToo() {
        BusSession session = open("s");
        session.listen(Said.class, ListenerOptions.named("own"), (event, context) -> heard.add("own"));
        session.publish(new Said("1")).await(TestBus.LONG);
        Registration late = test.listen(Said.class, (event, context) -> heard.add("late"));
        session.publish(new Said("2")).await(TestBus.LONG);
        late.close();
        session.publish(new Said("3")).await(TestBus.LONG);

        assertThat(heard).containsExactlyInAnyOrder("own", "own", "late", "own");
    }

    @Test
    void withItsEndAllThatWasRegisteredInItIsGone() {
        BusSession session = open("s");
        session.handle(Ask.class, (command, context) -> "own");
        session.listen(Said.class, ListenerOptions.named("own"), (event, context) -> heard.add("own"));
        session.attribute("colour", "blue");
        assertThat(session.attribute("colour")).contains("blue");

        session.end();

        assertThat(session.attribute("colour")).isEmpty();
        assertThat(test.own.session("s")).isEmpty();
        assertThat(test.own.execute(new Ask(), SendOptions.inSession("s")).succeeded())
                .isFalse();
        assertThat(test.own.publish(new Said("x"), SendOptions.inSession("s")).state())
                .isEqualTo(State.HANDLED);
        assertThat(heard).isEmpty();
        Publication late = session.publish(new Said("late"));
        assertThat(late.state()).isEqualTo(State.REJECTED);
        assertThat(late.reason()).contains("'s' has ended");
        assertThat(session.execute(new Ask()).failure())
                .hasValueSatisfying(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
        assertThatThrownBy(() -> session.handle(Ask.class, (command, context) -> "x"))
                .isInstanceOf(LlmgineException.class);
        assertThatThrownBy(() -> session.listen(Said.class, ListenerOptions.named("x"), (event, context) -> {}))
                .isInstanceOf(LlmgineException.class);
        assertThatThrownBy(() -> session.attribute("x", 1)).isInstanceOf(LlmgineException.class);
    }

    @Test
    void itEndsAlsoWhenTheBodyThrows() {
        assertThatThrownBy(() -> {
                    try (BusSession session = open("s")) {
                        session.publish(new Said("x"));
                        throw new IllegalStateException("body");
                    }
                })
                .hasMessage("body");
        assertThat(test.own.session("s")).isEmpty();
    }

    @Test
    void anIdIsOpenOnce() {
        open("s");

        assertThatThrownBy(() -> open("s"))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
        assertThat(test.own.openSession(SessionOptions.DEFAULT).id())
                .isNotEqualTo(test.own.openSession(SessionOptions.DEFAULT).id());
    }

    @Test
    void aTypeHasOneHandlerInASession() {
        BusSession session = open("s");
        Registration first = session.handle(Ask.class, (command, context) -> "1");
        assertThatThrownBy(() -> session.handle(Ask.class, (command, context) -> "2"))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
        first.close();
        session.handle(Ask.class, (command, context) -> "2");
        assertThat(session.execute(new Ask()).orElseThrow()).isEqualTo("2");
    }

    @Test
    void aListenerOfASessionCanBeTakenBackAlone() {
        BusSession session = open("s");
        Registration registration =
                session.listen(Said.class, ListenerOptions.named("x"), (event, context) -> heard.add("x"));
        registration.close();

        session.publish(new Said("1")).await(TestBus.LONG);

        assertThat(heard).isEmpty();
    }

    @Test
    void itsOwnerIsWhoOpensItIfNobodyIsNamed() {
        test.own.handle(
                Ask.class,
                (command, context) ->
                        test.own.openSession(SessionOptions.DEFAULT).owner().name());

        assertThat(test.own
                        .execute(new Ask(), SendOptions.DEFAULT.withPrincipal(ANN))
                        .orElseThrow())
                .isEqualTo("ann");
        assertThat(test.own.openSession(SessionOptions.DEFAULT).owner()).isEqualTo(Principal.ANONYMOUS);
    }

    @Test
    void aTimeToLiveCountsFromTheLastMessage() {
        SessionOptions brief = SessionOptions.withId("s").withTimeToLive(Duration.ofMinutes(1));
        BusSession session = test.own.openSession(brief);
        BusSession forever = open("t");
        session.attribute("a", 1);
        session.removeAttribute("a");
        assertThat(session.attribute("a")).isEmpty();

        test.roundIn(Duration.ofSeconds(50));
        assertThat(session.active()).isTrue();
        session.publish(new Said("x"));
        session.execute(new Ask());
        test.roundIn(Duration.ofSeconds(90));

        assertThat(session.active()).isFalse();
        assertThat(forever.active()).isTrue();
    }

    @Test
    void itMayEndWhileItsListenerRuns() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        BusSession session = open("s");
        session.listen(Said.class, ListenerOptions.named("own"), (event, context) -> {
            inside.countDown();
            gate.await();
            heard.add(event.text());
        });
        Publication first = session.publish(new Said("1"));
        Publication second = session.publish(new Said("2"));
        inside.await();

        session.end();
        gate.countDown();

        assertThat(first.await(TestBus.LONG)).isTrue();
        assertThat(second.await(TestBus.LONG)).isTrue();
        assertThat(heard).containsExactly("1");
    }
}
