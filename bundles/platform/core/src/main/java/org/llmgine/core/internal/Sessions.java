package org.llmgine.core.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.core.session.BranchPoint;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.ChangeSession;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.EditMessage;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.GetTurn;
import org.llmgine.core.session.GetTurnMessages;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionHistory;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnReader;
import org.llmgine.core.spi.SessionStore;
import org.llmgine.core.spi.SessionStore.Entry;

/** Serves what people ask of sessions: who may, what is stored, what is refused. {@link SessionTurns} runs the turns. */
final class Sessions {
    private static final String FIGURE = "llmgine_sessions";
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final SessionStore store;
    private final SessionTurns turns;
    private final SessionDrafts drafts;
    private final Supplier<Settings> settings;
    private final InstantSource clock;
    private final MetricRegistry metrics;
    private final ReentrantLock creating = new ReentrantLock();

    Sessions(
            SessionStore store,
            SessionTurns turns,
            SessionDrafts drafts,
            Supplier<Settings> settings,
            InstantSource clock,
            MetricRegistry metrics) {
        this.store = store;
        this.turns = turns;
        this.drafts = drafts;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
        Gauge<Integer> count = store::count;
        metrics.gauge(FIGURE, () -> count);
    }

    /** End all turns. */
    void close() {
        turns.close(STOP_LIMIT);
        metrics.remove(FIGURE);
    }

    static String newId(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    static LlmgineException unknown(String sessionId) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "There is no session '" + sessionId + "'.");
    }

    /** Return a session with another end of its conversation. */
    static Session moved(Session session, Optional<String> head, Instant now) {
        return changed(session, SessionDraft.EMPTY, head, now);
    }

    private static Session changed(Session session, SessionDraft draft, Optional<String> head, Instant now) {
        return new Session(
                session.id(),
                session.owner(),
                draft.title().orElse(session.title()),
                draft.engine().orElse(session.engine()),
                draft.model().orElse(session.model()),
                draft.systemPrompt().orElse(session.systemPrompt()),
                draft.tools().orElse(session.tools()),
                draft.settings().orElse(session.settings()),
                head,
                session.created(),
                now,
                Optional.empty());
    }

    /** Return a stored session with the turn that runs. */
    private static Session shown(Session session, Optional<String> turn) {
        return new Session(
                session.id(),
                session.owner(),
                session.title(),
                session.engine(),
                session.model(),
                session.systemPrompt(),
                session.tools(),
                session.settings(),
                session.head(),
                session.created(),
                session.updated(),
                turn);
    }

    Session create(CreateSession command) {
        Optional<Session> source = command.from().map(from -> source(command.principal(), from));
        List<Entry> history = command.from().map(this::copied).orElse(List.of());
        drafts.check(command.draft());
        String owner = command.principal().name();
        Instant now = clock.instant();
        Session plain = new Session(
                newId("sess_"),
                owner,
                source.map(Session::title).orElse(""),
                source.map(Session::engine).orElse(settings.get().sessions().defaultEngine()),
                source.map(Session::model).orElse(ModelNames.DEFAULT),
                source.map(Session::systemPrompt).orElse(""),
                source.flatMap(Session::tools),
                source.map(Session::settings).orElse(SessionSettings.DEFAULT),
                Optional.empty(),
                now,
                now,
                Optional.empty());
        Optional<String> head = history.isEmpty()
                ? Optional.empty()
                : Optional.of(history.getLast().id());
        Session session = changed(plain, command.draft(), head, now);
        int limit = settings.get().sessions().maxSessions();
        creating.lock();
        try {
            if (store.count(owner) >= limit) {
                throw new LlmgineException(ErrorCode.LIMIT_REACHED, "'" + owner + "' has " + limit + " sessions.")
                        .withHint("Delete some. The limit is the setting maxSessions.");
            }
            store.put(session, history, Optional.empty());
        } finally {
            creating.unlock();
        }
        return session;
    }

    private Session source(Principal principal, BranchPoint from) {
        try {
            return readable(principal, from.sessionId());
        } catch (LlmgineException e) {
            throw e.withField("from.session");
        }
    }

    /** Copy the way to a message; the copies were added by no turn of theirs. */
    private List<Entry> copied(BranchPoint from) {
        History history = new History(store.entries(from.sessionId()));
        List<Entry> copies = new ArrayList<>();
        Optional<String> parent = Optional.empty();
        for (Entry entry : history.upTo(
                Optional.of(history.named(from.messageId(), "from.message").id()))) {
            Entry copy = new Entry(newId("msg_"), parent, Optional.empty(), entry.created(), entry.message());
            copies.add(copy);
            parent = Optional.of(copy.id());
        }
        return copies;
    }

    List<Session> list(ListSessions command) {
        Principal principal = command.principal();
        String owner = command.owner().isEmpty() ? principal.name() : command.owner();
        if (!owner.equals(principal.name()) && !principal.has(Principal.ADMIN)) {
            throw new LlmgineException(
                            ErrorCode.FORBIDDEN, "'" + principal.name() + "' may not list the sessions of others.")
                    .withField("owner");
        }
        if (command.limit() < 1 || command.limit() > ListSessions.MOST) {
            throw SessionDrafts.invalid("'limit' must be from 1 to " + ListSessions.MOST + ".", "limit");
        }
        Optional<Session> after = command.after()
                .map(id -> store.session(id)
                        .filter(session -> session.owner().equals(owner))
                        .orElseThrow(() -> SessionDrafts.invalid("There is no session '" + id + "'.", "after")));
        List<Session> listed = store.sessions(owner, after, command.limit());
        Map<String, String> suspended =
                turns.suspended(listed.stream().map(Session::id).toList());
        return listed.stream()
                .map(session -> shown(
                        session,
                        Optional.ofNullable(suspended.get(session.id())).or(() -> turns.current(session.id()))))
                .toList();
    }

    SessionHistory get(GetSession command) {
        readable(command.principal(), command.sessionId());
        return turns.locked(
                command.sessionId(),
                (session, live) -> new SessionHistory(
                        shown(session, turns.current(session, live)),
                        new History(store.entries(session.id())).shown(session.head())));
    }

    Session change(ChangeSession command) {
        writable(command.principal(), command.sessionId());
        drafts.check(command.draft());
        return turns.locked(command.sessionId(), (session, live) -> {
            command.head().ifPresent(head -> checkIdle(session, live));
            Optional<String> head = command.head()
                    .map(id -> new History(store.entries(session.id()))
                            .named(id, "head")
                            .id())
                    .or(session::head);
            Session changed = changed(session, command.draft(), head, clock.instant());
            store.put(changed, List.of(), Optional.empty());
            return shown(changed, turns.current(session, live));
        });
    }

    Session delete(DeleteSession command) {
        readable(command.principal(), command.sessionId());
        return turns.remove(command.sessionId());
    }

    HistoryEntry edit(EditMessage command) {
        writable(command.principal(), command.sessionId());
        if (command.text().isBlank()) {
            throw SessionDrafts.invalid("The text is empty.", "content");
        }
        return turns.locked(command.sessionId(), (session, live) -> {
            checkIdle(session, live);
            History history = new History(store.entries(session.id()));
            turns.checkRoom(session, history);
            Entry old = history.named(command.messageId(), "replaces");
            Instant now = clock.instant();
            Entry edited = new Entry(
                    newId("msg_"), old.parent(), Optional.empty(), now, edited(old.message(), command.text()));
            store.put(moved(session, Optional.of(edited.id()), now), List.of(edited), Optional.empty());
            return new History(store.entries(session.id()))
                    .shown(Optional.of(edited.id()))
                    .getLast();
        });
    }

    /** Return a message with another text; its images and files stay, its tool calls don't. */
    private static Message edited(Message message, String text) {
        if (!List.of(Role.USER, Role.ASSISTANT).contains(message.role())) {
            throw SessionDrafts.invalid("Only a user's or an assistant's message can be edited.", "replaces");
        }
        Stream<ContentPart> others = message.content().stream().filter(part -> !(part instanceof TextPart));
        return new Message(
                message.role(),
                Stream.concat(Stream.of(new TextPart(text)), others).toList());
    }

    private void checkIdle(Session session, LiveSession live) {
        if (turns.current(session, live).isPresent()) {
            throw SessionTurns.busy("A turn of the session is in progress.")
                    .withHint("Wait for its end, or cancel it.");
        }
    }

    SessionTurn start(StartTurn command) {
        writable(command.principal(), command.sessionId());
        List<ContentPart> prompt = command.draft().prompt();
        boolean blank = prompt.stream()
                .allMatch(part -> part instanceof TextPart text && text.text().isBlank());
        if (prompt.isEmpty() ? command.draft().replaces().isEmpty() : blank) {
            throw SessionDrafts.invalid("The prompt is empty.", "prompt");
        }
        return turns.start(command.principal(), command.sessionId(), command.draft());
    }

    List<SessionTurn> turns(ListTurns command) {
        return turns.list(readable(command.principal(), command.sessionId()).id());
    }

    SessionTurn turn(GetTurn command) {
        return turns.get(readable(command.principal(), command.sessionId()).id(), command.turnId());
    }

    List<HistoryEntry> messages(GetTurnMessages command) {
        SessionTurn turn = turn(new GetTurn(command.principal(), command.sessionId(), command.turnId()));
        Optional<String> id = Optional.of(turn.id());
        List<Entry> entries = store.entries(turn.session());
        Optional<String> last = entries.stream()
                .filter(entry -> entry.turn().equals(id))
                .map(Entry::id)
                .reduce((before, after) -> after);
        return new History(entries)
                .shown(last).stream().filter(entry -> entry.turn().equals(id)).toList();
    }

    TurnReader follow(FollowTurn command) {
        return turns.follow(
                readable(command.principal(), command.sessionId()).id(), command.turnId(), command.afterSeq());
    }

    SessionTurn cancel(CancelTurn command) {
        return turns.cancel(readable(command.principal(), command.sessionId()).id(), command.turnId());
    }

    /** Find a session that a principal may read, and end: his own, and any for an admin. */
    private Session readable(Principal principal, String id) {
        return store.session(id)
                .filter(session -> session.owner().equals(principal.name()) || principal.has(Principal.ADMIN))
                .orElseThrow(() -> unknown(id));
    }

    /** Check that a session is the principal's own. */
    private void writable(Principal principal, String id) {
        if (!readable(principal, id).owner().equals(principal.name())) {
            throw new LlmgineException(
                    ErrorCode.FORBIDDEN, "The session is another's: an admin may read and delete it.");
        }
    }
}
