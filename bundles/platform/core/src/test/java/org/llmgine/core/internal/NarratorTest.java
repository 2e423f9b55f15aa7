package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.event.ToolCalled;
import org.llmgine.api.event.TurnEnded;
import org.llmgine.api.event.TurnStarted;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.testkit.RecordingEmitter;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

/** What is told of turns on the bus. */
class NarratorTest {
    private final TestHost host = new TestHost();
    private final ScriptedProvider provider = new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS)));
    private final Talker ann = new Talker(host, "ann", Principal.USER);
    private final List<String> sessions = new CopyOnWriteArrayList<>();

    NarratorTest() {
        host.add("fake", provider);
        host.add("tool-chat", new ToolLoop());
        host.add("single-pass", new TestPlugins.RelayEngine());
        host.add("add", new TestPlugins.AddTool());
        host.bus.listen(
                Event.class,
                ListenerOptions.named("sessions"),
                (event, context) -> sessions.add(
                        context.session() + " " + context.principal().name()));
    }

    @Test
    void aSessionsTurnIsToldFromBeginToEndWithItsToolCalls() {
        Session session = ann.create();
        provider.answer(ScriptedStream.calls(
                        ToolLoop.call("1", "add", "{\"a\": 1, \"b\": 2}"), ToolLoop.call("2", "ad", "{}")))
                .answer(ScriptedStream.text("3"));

        SessionTurn turn = ann.ask(session.id(), "1 + 2?");

        List<Event> told = host.bus.published();
        assertThat(told).hasSize(4);
        assertThat(told.getFirst()).isEqualTo(new TurnStarted(turn.id(), session.id(), "tool-chat", session.model()));
        assertThat(told.subList(1, 3))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("duration")
                .containsExactly(
                        new ToolCalled(turn.id(), session.id(), "add", "1", true, Duration.ZERO),
                        new ToolCalled(turn.id(), session.id(), "ad", "2", false, Duration.ZERO));
        assertThat(told.getLast())
                .isEqualTo(new TurnEnded(
                        turn.id(),
                        session.id(),
                        "tool-chat",
                        "fake/demo",
                        SessionTurn.COMPLETED,
                        "stop",
                        turn.usage(),
                        Duration.ZERO,
                        Optional.empty()));
        assertThat(sessions).containsOnly(session.id() + " ann").hasSize(4);
    }

    @Test
    void theEndIsToldBeforeTheNextTurnBeginsAndWhenThatMayBeAskedFor() {
        Session session = ann.create(SessionTurnsTest.settings(SessionSettings.QUEUE, Optional.empty()));
        ScriptedStream slow = new ScriptedStream().thenWait().then(new TextDelta("a"));
        provider.answer(slow).answer(ScriptedStream.text("b")).answer(ScriptedStream.text("c"));
        List<SessionTurn> asked = new ArrayList<>();
        host.bus.listen(TurnEnded.class, ListenerOptions.named("chain"), (event, context) -> {
            if (asked.isEmpty()) {
                asked.add(ann.start(session.id(), "three"));
            }
        });
        SessionTurn first = ann.start(session.id(), "one");
        SessionTurn second = ann.start(session.id(), "two");

        slow.release();
        ann.end(first);
        ann.end(second);
        ann.end(asked.getFirst());

        assertThat(host.bus.published())
                .extracting(event -> event instanceof TurnStarted started ? "+" + started.turn() : "-" + turn(event))
                .containsExactly(
                        "+" + first.id(),
                        "-" + first.id(),
                        "+" + second.id(),
                        "-" + second.id(),
                        "+" + asked.getFirst().id(),
                        "-" + asked.getFirst().id());
    }

    private static String turn(Event event) {
        return ((TurnEnded) event).turn();
    }

    @Test
    void aTurnThatNeverBeganIsNotTold() {
        Session session = ann.create();
        ScriptedStream slow = new ScriptedStream().thenWait().then(new TextDelta("a"));
        provider.answer(slow);
        SessionTurn turn = ann.start(session.id(), "one");

        ann.cancel(turn);
        ann.end(turn);
        slow.release();

        assertThat(host.bus.published(TurnEnded.class))
                .singleElement()
                .returns(SessionTurn.CANCELLED, TurnEnded::state)
                .returns(Optional.of("cancelled"), TurnEnded::errorCode);
    }

    @Test
    void aTurnThatIsntStoredNamesNoSession() {
        provider.answer(ScriptedStream.text("Hi"));

        String turn = host.run(request(), new RecordingEmitter()).turnId();

        assertThat(host.bus.published())
                .containsExactly(
                        new TurnStarted(turn, "", "single-pass", "default"),
                        new TurnEnded(
                                turn,
                                "",
                                "single-pass",
                                "fake/demo",
                                SessionTurn.COMPLETED,
                                "stop",
                                Optional.of(new Usage(1, 1)),
                                Duration.ZERO,
                                Optional.empty()));
        assertThat(sessions).containsOnly(" ann");
    }

    @Test
    void itsFailureAndItsCancellationAreTold() {
        host.add("single-pass", (turn, emitter) -> {
            throw new IllegalStateException("on purpose");
        });
        assertThatThrownBy(() -> host.run(request(), new RecordingEmitter())).isNotNull();
        host.add("single-pass", (turn, emitter) -> {
            host.cancellation.cancel();
            throw new IllegalStateException("on purpose");
        });
        assertThatThrownBy(() -> host.run(request(), new RecordingEmitter())).isNotNull();

        assertThat(host.bus.published(TurnEnded.class))
                .extracting(TurnEnded::state, TurnEnded::errorCode)
                .containsExactly(
                        tuple(SessionTurn.FAILED, Optional.of("plugin_failed")),
                        tuple(SessionTurn.CANCELLED, Optional.of("cancelled")));
    }

    private static ModelRequest request() {
        return ModelRequest.builder("default")
                .messages(List.of(Message.user("Hello")))
                .build();
    }
}
