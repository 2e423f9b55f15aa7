package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.stream.Finish;
import org.llmgine.core.session.BranchPoint;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class SessionsTest {
    private final TestHost host = new TestHost();
    private final ScriptedProvider provider =
            new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS, ModelInfo.IMAGES)));
    private final Talker ann = new Talker(host, "ann", Principal.USER);
    private final Talker bob = new Talker(host, "bob", Principal.USER);
    private final Talker root = new Talker(host, "root", Principal.ADMIN);

    SessionsTest() {
        host.add("fake", provider);
        host.add("tool-chat", new ToolLoop());
        host.add("add", new TestPlugins.AddTool());
    }

    @Test
    void aNewSessionIsWhatTheHostThinksBestUnlessTheDraftSaysOtherwise() {
        Session plain = ann.create();

        assertThat(plain.id()).matches("sess_[0-9a-f]{32}");
        assertThat(plain)
                .returns("ann", Session::owner)
                .returns("", Session::title)
                .returns("tool-chat", Session::engine)
                .returns("default", Session::model)
                .returns("", Session::systemPrompt)
                .returns(Optional.empty(), Session::tools)
                .returns(SessionSettings.DEFAULT, Session::settings)
                .returns(Optional.empty(), Session::head)
                .returns(Optional.empty(), Session::turn)
                .returns(host.clock.instant(), Session::created)
                .returns(host.clock.instant(), Session::updated);
        host.add("other", new ToolLoop());
        SessionDraft draft = new SessionDraft(
                Optional.of("Sums"),
                Optional.of("other"),
                Optional.of("fake/demo"),
                Optional.of("Be brief."),
                Optional.of(Optional.of(List.of("add"))),
                Optional.of(queueing()));

        Session told = ann.create(draft);

        assertThat(told)
                .returns("Sums", Session::title)
                .returns("other", Session::engine)
                .returns("fake/demo", Session::model)
                .returns("Be brief.", Session::systemPrompt)
                .returns(Optional.of(List.of("add")), Session::tools)
                .returns(queueing(), Session::settings);
        assertThat(ann.get(told.id()).session()).isEqualTo(told);
        assertThat(ann.get(told.id()).messages()).isEmpty();
        assertThat(host.gauge("llmgine_sessions")).isEqualTo(2);
    }

    @Test
    void aChangeChangesWhatIsGivenAndNothingElse() {
        Session before = ann.create();
        host.pass(10);

        Session named = ann.change(before.id(), title("Sums"));
        Session limited = ann.change(before.id(), tools(Optional.of(List.of("add"))));
        Session free = ann.change(before.id(), tools(Optional.empty()));

        assertThat(named).returns("Sums", Session::title).returns(before.engine(), Session::engine);
        assertThat(named.updated()).isAfter(before.updated());
        assertThat(named.created()).isEqualTo(before.created());
        assertThat(limited).returns("Sums", Session::title).returns(Optional.of(List.of("add")), Session::tools);
        assertThat(free).returns("Sums", Session::title).returns(Optional.empty(), Session::tools);
        assertThat(ann.get(before.id()).session()).isEqualTo(free);
    }

    @Test
    void whatADraftMayNotSayIsRefusedByNameAndChangesNothing() {
        Session session = ann.create();
        host.set("aliases", new String[] {"helper=engine/tool-chat"});

        assertRefused(title("x".repeat(201)), ErrorCode.INVALID_REQUEST, "title", "");
        assertRefused(
                draft(Optional.empty(), Optional.empty(), Optional.of("x".repeat(200_001))),
                ErrorCode.INVALID_REQUEST,
                "systemPrompt",
                "");
        assertRefused(
                draft(Optional.of("tool-caht"), Optional.empty(), Optional.empty()),
                ErrorCode.MODEL_NOT_FOUND,
                "engine",
                "Did you mean 'tool-chat'?");
        assertRefused(model("fake/dem"), ErrorCode.MODEL_NOT_FOUND, "model", "Did you mean 'demo'?");
        assertRefused(model("fale/demo"), ErrorCode.MODEL_NOT_FOUND, "model", "Did you mean 'fake'?");
        assertRefused(model("nonsense"), ErrorCode.MODEL_NOT_FOUND, "model", "Write instance/model");
        assertRefused(model("helper"), ErrorCode.INVALID_REQUEST, "model", "A session names its engine in 'engine'.");
        assertRefused(model("engine/tool-chat"), ErrorCode.INVALID_REQUEST, "model", "");
        assertRefused(
                tools(Optional.of(List.of("add", "adt"))),
                ErrorCode.INVALID_REQUEST,
                "tools[1]",
                "Did you mean 'add'?");
        assertRefused(tools(Optional.of(Collections.nCopies(1001, "add"))), ErrorCode.INVALID_REQUEST, "tools", "");

        assertThat(ann.get(session.id()).session()).isEqualTo(session);
        assertThat(host.store.count()).isEqualTo(1);
    }

    @Test
    void settingsOutOfTheirRangeAreRefused() {
        assertSettingRefused("maxTokens", s -> s.maxTokens = OptionalInt.of(0));
        assertSettingRefused("temperature", s -> s.temperature = OptionalDouble.of(2.1));
        assertSettingRefused("temperature", s -> s.temperature = OptionalDouble.of(Double.NaN));
        assertSettingRefused("topP", s -> s.topP = OptionalDouble.of(0));
        assertSettingRefused("topP", s -> s.topP = OptionalDouble.of(1.1));
        assertSettingRefused("stop", s -> s.stop = List.of("x".repeat(1001)));
        assertSettingRefused("stop", s -> s.stop = Collections.nCopies(1001, "x"));
        assertSettingRefused("reasoningEffort", s -> s.reasoningEffort = Optional.of("x".repeat(1001)));
        assertSettingRefused("whenBusy", s -> s.whenBusy = "wait");
        assertSettingRefused("detachedGraceMs", s -> s.detachedGrace = Optional.of(Duration.ofMillis(99)));
        assertSettingRefused("detachedGraceMs", s -> s.detachedGrace = Optional.of(Duration.ofDays(2)));
    }

    @Test
    void aTurnsModelCallHasWhatTheSessionSays() {
        Options options = new Options();
        options.maxTokens = OptionalInt.of(7);
        options.temperature = OptionalDouble.of(0.5);
        options.topP = OptionalDouble.of(0.9);
        options.seed = OptionalLong.of(11);
        options.stop = List.of("END");
        options.reasoningEffort = Optional.of("low");
        options.extensions = Map.of("top_k", 3);
        Session session = ann.create(new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.of("fake/demo"),
                Optional.of("Be brief."),
                Optional.empty(),
                Optional.of(options.toSettings())));
        provider.answer(ScriptedStream.text("Good day")).answer(ScriptedStream.text("Yes"));

        ann.ask(session.id(), "Hi");
        ann.ask(session.id(), "Still there?");

        assertThat(provider.requests().getLast())
                .returns("demo", request -> request.model())
                .returns(OptionalInt.of(7), request -> request.maxTokens())
                .returns(OptionalDouble.of(0.5), request -> request.temperature())
                .returns(OptionalDouble.of(0.9), request -> request.topP())
                .returns(OptionalLong.of(11), request -> request.seed())
                .returns(List.of("END"), request -> request.stop())
                .returns(Optional.of("low"), request -> request.reasoningEffort())
                .returns(Map.of("top_k", 3), request -> request.extensions());
        assertThat(provider.requests().getLast().messages())
                .containsExactly(
                        Message.system("Be brief."),
                        Message.user("Hi"),
                        Message.assistant("Good day"),
                        Message.user("Still there?"));
        assertThat(ann.texts(session.id())).containsExactly("Hi", "Good day", "Still there?", "Yes");
    }

    @Test
    void aTurnHasTheToolsThatTheSessionAllowsAndTheModelTakes() {
        host.add("odd", ToolLoop.tool("other", arguments -> "?"));
        host.add("dumb", new ScriptedProvider(new ModelInfo("demo", Set.of())).answer(ScriptedStream.text("No.")));
        host.add("single-pass", new ToolLoop());
        provider.answer(ScriptedStream.text("a"))
                .answer(ScriptedStream.text("b"))
                .answer(ScriptedStream.text("c"));

        ann.ask(ann.create().id(), "Hi");
        ann.ask(ann.create(tools(Optional.of(List.of("add")))).id(), "Hi");
        ann.ask(
                ann.create(draft(Optional.of("single-pass"), Optional.empty(), Optional.empty()))
                        .id(),
                "Hi");
        SessionTurn dumb = ann.ask(ann.create(model("dumb/demo")).id(), "Hi");

        assertThat(provider.requests())
                .extracting(request ->
                        request.tools().stream().map(tool -> tool.name()).toList())
                .containsExactly(List.of("add", "other"), List.of("add"), List.of());
        assertThat(dumb.state()).as("tools would be refused").isEqualTo(SessionTurn.COMPLETED);
    }

    @Test
    void anothersSessionIsNotThere() {
        provider.answer(ScriptedStream.text("Good day"));
        Session session = ann.create();
        SessionTurn turn = ann.ask(session.id(), "Hi");
        Session bobs = bob.create();
        String message = turn.prompt();

        List<ThrowingCallable> tries = List.of(
                () -> bob.get(session.id()),
                () -> bob.change(session.id(), title("mine")),
                () -> bob.moveTo(session.id(), message),
                () -> bob.edit(session.id(), message, "x"),
                () -> bob.start(session.id(), "x"),
                () -> bob.get(turn),
                () -> bob.follow(turn, 0),
                () -> bob.cancel(turn),
                () -> host.sessions.turns(new ListTurns(bob.principal, session.id())),
                () -> bob.delete(session.id()));
        assertThat(tries).allSatisfy(call -> assertFails(call, ErrorCode.NOT_FOUND, ""));
        assertFails(() -> branch(bob, session.id(), message, SessionDraft.EMPTY), ErrorCode.NOT_FOUND, "from.session");
        assertFails(() -> bob.follow(turnOf(turn, bobs.id()), 0), ErrorCode.NOT_FOUND, "");
        assertFails(() -> bob.get(turnOf(turn, bobs.id())), ErrorCode.NOT_FOUND, "");
        assertFails(() -> bob.cancel(turnOf(turn, bobs.id())), ErrorCode.NOT_FOUND, "");
        assertFails(() -> ann.get("sess_none"), ErrorCode.NOT_FOUND, "");

        assertThat(ann.texts(session.id())).containsExactly("Hi", "Good day");
        assertFails(() -> list(bob, "ann", 10, Optional.empty()), ErrorCode.FORBIDDEN, "owner");
        assertThat(list(bob, "", 10, Optional.empty())).containsExactly(bobs);
    }

    @Test
    void anAdminReadsAndEndsTheSessionsOfOthersAndChangesNone() {
        ScriptedStream slow = new ScriptedStream().thenWait();
        provider.answer(slow);
        Session session = ann.create();
        SessionTurn turn = ann.start(session.id(), "Hi");

        assertThat(list(root, "ann", 10, Optional.empty()))
                .extracting(Session::id)
                .containsExactly(session.id());
        assertThat(root.texts(session.id())).containsExactly("Hi");
        assertThat(root.get(turn).state()).isEqualTo(SessionTurn.RUNNING);
        assertFails(() -> root.start(session.id(), "x"), ErrorCode.FORBIDDEN, "");
        assertFails(() -> root.change(session.id(), title("x")), ErrorCode.FORBIDDEN, "");
        assertFails(() -> root.edit(session.id(), turn.prompt(), "x"), ErrorCode.FORBIDDEN, "");
        root.cancel(turn);
        assertThat(root.end(turn).state()).isEqualTo(SessionTurn.CANCELLED);
        root.delete(session.id());
        assertFails(() -> ann.get(session.id()), ErrorCode.NOT_FOUND, "");
    }

    @Test
    void theListHasTheLastChangedFirstAndGoesOnWhereItWasLeft() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            host.pass(10);
            ids.add(ann.create().id());
        }
        bob.create();
        host.pass(10);
        ann.change(ids.getFirst(), title("touched"));

        List<Session> first = list(ann, "", 2, Optional.empty());
        List<Session> rest = list(ann, "ann", 10, Optional.of(first.getLast().id()));

        assertThat(first).extracting(Session::id).containsExactly(ids.get(0), ids.get(4));
        assertThat(rest).extracting(Session::id).containsExactly(ids.get(3), ids.get(2), ids.get(1));
        assertFails(() -> list(ann, "", 0, Optional.empty()), ErrorCode.INVALID_REQUEST, "limit");
        assertFails(() -> list(ann, "", 501, Optional.empty()), ErrorCode.INVALID_REQUEST, "limit");
        assertFails(() -> list(ann, "", 10, Optional.of("sess_none")), ErrorCode.INVALID_REQUEST, "after");
        assertFails(() -> list(bob, "", 10, Optional.of(ids.getFirst())), ErrorCode.INVALID_REQUEST, "after");
    }

    @Test
    void oneOwnerHasNoMoreSessionsThanAllowed() {
        host.set("maxSessions", 2);
        Session first = ann.create();
        ann.create();

        assertFails(ann::create, ErrorCode.LIMIT_REACHED, "");
        assertFails(
                () -> branch(ann, first.id(), "msg_none", SessionDraft.EMPTY),
                ErrorCode.INVALID_REQUEST,
                "from.message");
        bob.create();
        ann.delete(first.id());
        ann.create();
    }

    @Test
    void aFullHistoryTakesNoFurtherPrompt() {
        host.set("maxSessionMessages", 2);
        provider.answer(ScriptedStream.text("Good day"));
        Session session = ann.create();
        SessionTurn turn = ann.ask(session.id(), "Hi");

        assertFails(() -> ann.start(session.id(), "More"), ErrorCode.LIMIT_REACHED, "");
        assertFails(() -> ann.edit(session.id(), turn.prompt(), "More"), ErrorCode.LIMIT_REACHED, "");
    }

    @Test
    void anAnswerGivenOnceMoreStandsBesideTheFormerOne() {
        provider.answer(ScriptedStream.text("one")).answer(ScriptedStream.text("two"));
        Session session = ann.create();
        SessionTurn first = ann.ask(session.id(), "Say a number");
        String former = ann.history(session.id()).getLast().id();

        SessionTurn second = ann.end(ann.again(session.id(), first.prompt()));

        assertThat(second.prompt()).isEqualTo(first.prompt());
        assertThat(ann.texts(session.id())).containsExactly("Say a number", "two");
        HistoryEntry answer = ann.history(session.id()).getLast();
        assertThat(answer.siblings()).containsExactly(former, answer.id());
        assertThat(answer.turn()).contains(second.id());
        assertThat(provider.requests().getLast().messages()).containsExactly(Message.user("Say a number"));
        assertThat(ann.moveTo(session.id(), former).head()).contains(former);
        assertThat(ann.texts(session.id())).containsExactly("Say a number", "one");
    }

    @Test
    void anotherPromptInAFormerOnesPlaceMakesABranch() {
        provider.answer(ScriptedStream.text("a"))
                .answer(ScriptedStream.text("b"))
                .answer(ScriptedStream.text("c"));
        Session session = ann.create();
        ann.ask(session.id(), "one");
        SessionTurn second = ann.ask(session.id(), "two");

        SessionTurn other = ann.end(ann.startInPlace(session.id(), "zwei", second.prompt()));

        assertThat(ann.texts(session.id())).containsExactly("one", "a", "zwei", "c");
        assertThat(provider.requests().getLast().messages())
                .extracting(Message::text)
                .containsExactly("one", "a", "zwei");
        assertThat(ann.history(session.id()).get(2).siblings()).containsExactly(second.prompt(), other.prompt());
        assertThat(host.sessions.turns(new ListTurns(ann.principal, session.id())))
                .extracting(SessionTurn::id)
                .endsWith(second.id(), other.id())
                .hasSize(3);
    }

    @Test
    void anEditedMessageStandsBesideTheOldOneAndIsAnsweredOnDemand() {
        provider.answer(ScriptedStream.text("a")).answer(ScriptedStream.text("b"));
        Session session = ann.create();
        SessionTurn turn = ann.end(ann.start(
                session.id(),
                new TurnDraft(
                        List.of(new TextPart("see"), new ImagePart("https://x/y.png", "auto")), Optional.empty())));
        String answer = ann.history(session.id()).getLast().id();

        HistoryEntry edited = ann.edit(session.id(), turn.prompt(), "look");

        assertThat(edited.siblings()).containsExactly(turn.prompt(), edited.id());
        assertThat(edited.turn()).isEmpty();
        assertThat(edited.parent()).isEmpty();
        assertThat(edited.message().content())
                .containsExactly(new TextPart("look"), new ImagePart("https://x/y.png", "auto"));
        assertThat(ann.get(session.id()).session().head()).contains(edited.id());
        assertThat(ann.texts(session.id())).containsExactly("look");
        ann.end(ann.again(session.id(), edited.id()));
        assertThat(ann.texts(session.id())).containsExactly("look", "b");
        HistoryEntry mended = ann.edit(session.id(), answer, "A!");
        assertThat(mended.message()).isEqualTo(Message.assistant("A!"));
        assertThat(ann.texts(session.id())).containsExactly("see", "A!");
    }

    @Test
    void whatCanNotBeEditedOrReplacedIsRefused() {
        provider.answer(ScriptedStream.calls(ToolLoop.call("1", "add", "{\"a\": 1, \"b\": 2}")))
                .answer(ScriptedStream.text("3"));
        Session session = ann.create();
        ann.ask(session.id(), "1 + 2");
        List<HistoryEntry> history = ann.history(session.id());
        String result = history.get(2).id();

        assertThat(history.get(2).message().role()).isEqualTo(Role.TOOL);
        assertFails(() -> ann.edit(session.id(), result, "4"), ErrorCode.INVALID_REQUEST, "replaces");
        assertFails(() -> ann.edit(session.id(), "msg_none", "4"), ErrorCode.INVALID_REQUEST, "replaces");
        assertFails(() -> ann.edit(session.id(), history.getFirst().id(), " "), ErrorCode.INVALID_REQUEST, "content");
        assertFails(() -> ann.again(session.id(), result), ErrorCode.INVALID_REQUEST, "replaces");
        assertFails(() -> ann.again(session.id(), "msg_none"), ErrorCode.INVALID_REQUEST, "replaces");
        assertFails(() -> ann.start(session.id(), " "), ErrorCode.INVALID_REQUEST, "prompt");
        assertFails(
                () -> ann.start(session.id(), new TurnDraft(List.of(), Optional.empty())),
                ErrorCode.INVALID_REQUEST,
                "prompt");
        assertFails(() -> ann.moveTo(session.id(), "msg_none"), ErrorCode.INVALID_REQUEST, "head");
        assertThat(ann.history(session.id())).isEqualTo(history);
    }

    @Test
    void aSessionThatGoesOnFromAnotherHasItsOwnCopies() {
        provider.answer(ScriptedStream.text("a"))
                .answer(ScriptedStream.text("b"))
                .answer(ScriptedStream.text("c"));
        Session first = ann.create(draft(Optional.empty(), Optional.of("fake/demo"), Optional.of("Be brief.")));
        ann.ask(first.id(), "one");
        List<HistoryEntry> before = ann.history(first.id());
        ann.ask(first.id(), "two");

        Session second = branch(ann, first.id(), before.getLast().id(), title("Other"));
        ann.ask(second.id(), "zwei");

        assertThat(second)
                .returns("Other", Session::title)
                .returns("fake/demo", Session::model)
                .returns("Be brief.", Session::systemPrompt);
        assertThat(ann.texts(first.id())).containsExactly("one", "a", "two", "b");
        assertThat(ann.texts(second.id())).containsExactly("one", "a", "zwei", "c");
        List<HistoryEntry> copies = ann.history(second.id()).subList(0, 2);
        assertThat(copies)
                .extracting(HistoryEntry::id)
                .doesNotContainAnyElementsOf(
                        before.stream().map(HistoryEntry::id).toList());
        assertThat(copies).extracting(HistoryEntry::turn).containsOnly(Optional.empty());
        assertThat(copies)
                .extracting(HistoryEntry::created)
                .isEqualTo(before.stream().map(HistoryEntry::created).toList());
        assertThat(host.sessions.turns(new ListTurns(ann.principal, second.id())))
                .hasSize(1);
        ann.delete(first.id());
        assertThat(ann.texts(second.id())).hasSize(4);
    }

    @RepeatedTest(20)
    void ofTwoEditsAtOnceBothAreKeptAndOneIsTheConversation() throws Exception {
        provider.answer(ScriptedStream.text("a"));
        Session session = ann.create();
        SessionTurn turn = ann.ask(session.id(), "one");

        CompletableFuture<HistoryEntry> left = TestHost.async(() -> ann.edit(session.id(), turn.prompt(), "left"));
        CompletableFuture<HistoryEntry> right = TestHost.async(() -> ann.edit(session.id(), turn.prompt(), "right"));
        String leftId = left.get(10, TimeUnit.SECONDS).id();
        String rightId = right.get(10, TimeUnit.SECONDS).id();

        HistoryEntry head = ann.history(session.id()).getLast();
        assertThat(head.siblings()).containsExactlyInAnyOrder(turn.prompt(), leftId, rightId);
        assertThat(List.of(leftId, rightId)).contains(head.id());
    }

    @Test
    void whileATurnRunsTheConversationCanNotBeMovedButTheSessionChanged() {
        ScriptedStream slow = new ScriptedStream().thenWait().then(new Finish("stop"));
        provider.answer(slow);
        Session session = ann.create();
        SessionTurn turn = ann.start(session.id(), "Hi");

        assertThat(ann.get(session.id()).session().turn()).contains(turn.id());
        assertThat(list(ann, "", 10, Optional.empty()).getFirst().turn()).contains(turn.id());
        assertFails(() -> ann.edit(session.id(), turn.prompt(), "x"), ErrorCode.BUSY, "");
        assertFails(() -> ann.moveTo(session.id(), turn.prompt()), ErrorCode.BUSY, "");
        assertThat(ann.change(session.id(), title("Sums")).turn()).contains(turn.id());

        slow.release();
        assertThat(ann.end(turn).state()).isEqualTo(SessionTurn.COMPLETED);
        Session after = ann.get(session.id()).session();
        assertThat(after.title()).as("the turn's messages don't undo it").isEqualTo("Sums");
        assertThat(after.turn()).isEmpty();
    }

    private void assertRefused(SessionDraft draft, ErrorCode code, String field, String hint) {
        assertFails(() -> ann.create(draft), code, field);
        String session = list(ann, "", 1, Optional.empty()).getFirst().id();
        assertThatThrownBy(() -> ann.change(session, draft)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.field().orElse("")).isEqualTo(field);
            assertThat(e.hint().orElse("")).contains(hint);
        });
    }

    private void assertSettingRefused(String name, Consumer<Options> change) {
        Options options = new Options();
        change.accept(options);
        assertFails(() -> ann.create(settings(options.toSettings())), ErrorCode.INVALID_REQUEST, "settings." + name);
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code, String field) {
        assertThatThrownBy(call).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
            assertThat(e.field().orElse("")).isEqualTo(field);
        });
    }

    private Session branch(Talker who, String session, String message, SessionDraft draft) {
        return host.sessions.create(
                new CreateSession(who.principal, draft, Optional.of(new BranchPoint(session, message))));
    }

    private List<Session> list(Talker who, String owner, int limit, Optional<String> after) {
        return host.sessions.list(new ListSessions(who.principal, owner, limit, after));
    }

    private static SessionTurn turnOf(SessionTurn turn, String session) {
        return new SessionTurn(
                turn.id(),
                session,
                turn.state(),
                turn.prompt(),
                turn.engine(),
                turn.model(),
                turn.created(),
                turn.ended(),
                turn.finishReason(),
                turn.usage(),
                turn.failure());
    }

    private static SessionDraft title(String title) {
        return new SessionDraft(
                Optional.of(title),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static SessionDraft model(String model) {
        return draft(Optional.empty(), Optional.of(model), Optional.empty());
    }

    private static SessionDraft draft(Optional<String> engine, Optional<String> model, Optional<String> prompt) {
        return new SessionDraft(Optional.empty(), engine, model, prompt, Optional.empty(), Optional.empty());
    }

    private static SessionDraft tools(Optional<List<String>> tools) {
        return new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(tools),
                Optional.empty());
    }

    private static SessionDraft settings(SessionSettings settings) {
        return new SessionDraft(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(settings));
    }

    private static SessionSettings queueing() {
        Options options = new Options();
        options.whenBusy = SessionSettings.QUEUE;
        return options.toSettings();
    }

    /** Collects a session's settings. */
    private static final class Options {
        private OptionalInt maxTokens = OptionalInt.empty();
        private OptionalDouble temperature = OptionalDouble.empty();
        private OptionalDouble topP = OptionalDouble.empty();
        private OptionalLong seed = OptionalLong.empty();
        private List<String> stop = List.of();
        private Optional<String> reasoningEffort = Optional.empty();
        private String whenBusy = SessionSettings.REFUSE;
        private Optional<Duration> detachedGrace = Optional.empty();
        private Map<String, String> approvals = Map.of();
        private Map<String, Object> extensions = Map.of();

        SessionSettings toSettings() {
            return new SessionSettings(
                    maxTokens,
                    temperature,
                    topP,
                    seed,
                    stop,
                    reasoningEffort,
                    whenBusy,
                    detachedGrace,
                    approvals,
                    extensions);
        }
    }
}
