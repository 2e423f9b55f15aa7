package org.llmgine.core.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Usage;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.session.TurnReader;
import org.llmgine.core.spi.SessionStore;
import org.llmgine.core.spi.SessionStore.Entry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the turns of sessions, each on a virtual thread of its own, one at a time per session.
 *
 * <p>Whatever changes a session holds the lock of its {@link LiveSession}. A turn takes it once per message, never per token.
 * Nothing is cancelled under it: that may take a while.
 */
final class SessionTurns {
    private static final Logger LOG = LoggerFactory.getLogger(SessionTurns.class);
    private static final int MAX_WAITING = 16;
    private static final Duration END_WAIT = Duration.ofSeconds(2);
    private static final String RUNNING_FIGURE = "llmgine_session_turns_running";
    private static final String WAITING_FIGURE = "llmgine_session_turns_waiting";

    private final SessionStore store;
    private final Turns turns;
    private final Supplier<Settings> settings;
    private final HostTimer timer;
    private final LongSupplier nanoClock;
    private final InstantSource clock;
    private final MetricRegistry metrics;
    private final KeptTurns kept;
    private final Map<String, LiveSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, LiveTurn> known = new ConcurrentHashMap<>();
    private final UnstoredEnds unstored;
    private final BooleanSupplier hostStops;
    private final Narrator narrator;
    private volatile boolean closed;

    /**
     * Make a runner.
     *
     * @param hostStops tells whether the host has begun to stop, which takes the plugins away one by one
     */
    SessionTurns(
            SessionStore store,
            Turns turns,
            Supplier<Settings> settings,
            HostTimer timer,
            LongSupplier nanoClock,
            InstantSource clock,
            MetricRegistry metrics,
            BooleanSupplier hostStops,
            Narrator narrator) {
        this.store = store;
        this.turns = turns;
        this.settings = settings;
        this.timer = timer;
        this.nanoClock = nanoClock;
        this.clock = clock;
        this.metrics = metrics;
        this.hostStops = hostStops;
        this.narrator = narrator;
        kept = new KeptTurns(settings, timer, nanoClock, turn -> known.remove(turn.id()));
        unstored = new UnstoredEnds(timer, nanoClock, this::storeLate);
        Gauge<Long> running = () -> count(SessionTurn.RUNNING);
        Gauge<Long> waiting = () -> count(SessionTurn.QUEUED);
        metrics.gauge(RUNNING_FIGURE, () -> running);
        metrics.gauge(WAITING_FIGURE, () -> waiting);
    }

    private long count(String state) {
        return known.values().stream()
                .filter(turn -> turn.now().state().equals(state))
                .count();
    }

    /** Works on a session as it is stored now, under its lock. */
    interface Work<R> {
        R apply(Session session, LiveSession live);
    }

    /**
     * Work on a session while nobody else changes it.
     *
     * @throws LlmgineException {@code not_found} when it is gone
     */
    <R> R locked(String sessionId, Work<R> work) {
        LiveSession live = sessions.computeIfAbsent(sessionId, id -> new LiveSession());
        live.lock.lock();
        try {
            Session session = live.removed ? null : store.session(sessionId).orElse(null);
            if (session == null) {
                sessions.remove(sessionId, live);
                throw Sessions.unknown(sessionId);
            }
            return work.apply(session, live);
        } finally {
            live.lock.unlock();
        }
    }

    /** Return the turn of a session that runs, or waits to. */
    Optional<String> current(String sessionId) {
        LiveSession live = sessions.get(sessionId);
        if (live == null) {
            return Optional.empty();
        }
        live.lock.lock();
        try {
            return live.turn();
        } finally {
            live.lock.unlock();
        }
    }

    static LlmgineException busy(String what) {
        return new LlmgineException(ErrorCode.BUSY, what).withRetryAfter(Duration.ofSeconds(1));
    }

    SessionTurn start(Principal principal, String sessionId, TurnDraft draft) {
        return locked(sessionId, (session, live) -> start(principal, session, live, draft));
    }

    private SessionTurn start(Principal principal, Session session, LiveSession live, TurnDraft draft) {
        if (closed || hostStops.getAsBoolean()) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The host is stopping.")
                    .withRetryAfter(PluginRegistry.RETRY_AFTER);
        }
        History history = new History(store.entries(session.id()));
        draft.replaces().ifPresent(id -> checkReplaced(history, id));
        checkRoom(session, history);
        if (!live.line.isEmpty()) {
            if (!session.settings().whenBusy().equals(SessionSettings.QUEUE)) {
                throw busy("A turn of the session is in progress.")
                        .withHint("Wait for its end, cancel it, or set the session's whenBusy to 'queue'.");
            }
            if (live.line.size() > MAX_WAITING) {
                throw busy("The session has " + MAX_WAITING + " prompts waiting already.");
            }
        }
        LiveTurn turn = new LiveTurn(
                Sessions.newId("turn_"),
                session.id(),
                principal,
                draft,
                draft.prompt().isEmpty() ? draft.replaces().orElseThrow() : Sessions.newId("msg_"),
                session.engine(),
                clock.instant(),
                new TurnLog(settings.get().sessions().logMaxBytes(), nanoClock),
                nanoClock);
        live.line.add(turn);
        known.put(turn.id(), turn);
        try {
            if (live.line.size() == 1) {
                begin(session, live, turn);
            } else {
                store.put(session, List.of(), Optional.of(turn.now()));
            }
        } catch (Throwable t) {
            live.line.remove(turn);
            known.remove(turn.id());
            throw t;
        }
        return turn.now();
    }

    private static void checkReplaced(History history, String id) {
        Entry replaced = history.named(id, "replaces");
        if (!replaced.message().role().equals(Role.USER)) {
            throw SessionDrafts.invalid(
                    "A prompt goes in the place of a user's message only, and '" + id + "' is none.", "replaces");
        }
    }

    /** Check that a session's history may grow. */
    void checkRoom(Session session, History history) {
        int limit = settings.get().sessions().maxMessages();
        if (history.size() >= limit || store.turns(session.id()).size() >= limit) {
            throw new LlmgineException(
                            ErrorCode.LIMIT_REACHED, "The session's history has " + limit + " messages or turns.")
                    .withHint("Go on in a new session. The limit is the setting maxSessionMessages.");
        }
    }

    /** Store a turn's prompt and let it run. The session's lock is held. */
    private void begin(Session session, LiveSession live, LiveTurn turn) {
        Settings now = settings.get();
        History history = new History(store.entries(session.id()));
        Optional<Entry> prompt = prompt(session, turn, history);
        Session moved = Sessions.moved(session, Optional.of(turn.prompt()), clock.instant());
        List<Entry> conversation =
                new ArrayList<>(history.upTo(prompt.isEmpty() ? moved.head() : prompt.flatMap(Entry::parent)));
        prompt.ifPresent(conversation::add);
        SessionConversation messages =
                new SessionConversation(live, turn, moved, History.whole(conversation), ContextWindow.of(now));
        Thread thread =
                Thread.ofVirtual().name("llmgine-" + turn.id()).unstarted(() -> run(live, turn, moved, messages));
        // Or the store would take the former one for one that still runs.
        unstored.of(session.id()).forEach(this::storeLate);
        turn.begin(
                session.engine(),
                session.settings().detachedGrace().orElse(now.sessions().detachedGrace()),
                thread);
        store.put(moved, prompt.stream().toList(), Optional.of(turn.now()));
        thread.start();
    }

    /** Make the message that a turn answers; empty when it is one that is there. */
    private Optional<Entry> prompt(Session session, LiveTurn turn, History history) {
        TurnDraft draft = turn.draft();
        if (draft.prompt().isEmpty()) {
            return Optional.empty();
        }
        Optional<String> parent = draft.replaces().isEmpty()
                ? session.head()
                : draft.replaces().flatMap(history::find).flatMap(Entry::parent);
        return Optional.of(entry(turn.prompt(), parent, turn, new Message(Role.USER, draft.prompt())));
    }

    private Entry entry(String id, Optional<String> parent, LiveTurn turn, Message message) {
        return new Entry(id, parent, Optional.of(turn.id()), clock.instant(), message);
    }

    /** The conversation that a turn goes on with; each message that it adds is stored at once. */
    private final class SessionConversation implements HostTurn.Conversation {
        private final LiveSession live;
        private final LiveTurn turn;
        private final List<Message> system;
        private final List<Message> messages;
        private final ContextWindow window;
        private String last;

        SessionConversation(
                LiveSession live, LiveTurn turn, Session session, List<Message> messages, ContextWindow window) {
            this.live = live;
            this.turn = turn;
            this.system =
                    session.systemPrompt().isEmpty() ? List.of() : List.of(Message.system(session.systemPrompt()));
            this.messages = messages;
            this.window = window;
            last = turn.prompt();
        }

        @Override
        public List<Message> messages() {
            return List.copyOf(messages);
        }

        @Override
        public List<Message> context() {
            return window.fit(Stream.concat(system.stream(), messages.stream()).toList());
        }

        @Override
        public void append(Message message) {
            live.lock.lock();
            try {
                if (turn.isOver() || live.removed) {
                    throw new LlmgineException(ErrorCode.CANCELLED, "The turn is over.");
                }
                Session session = store.session(turn.session()).orElseThrow(() -> Sessions.unknown(turn.session()));
                Entry entry = entry(Sessions.newId("msg_"), Optional.of(last), turn, message);
                Session moved = Sessions.moved(session, Optional.of(entry.id()), entry.created());
                store.put(moved, List.of(entry), Optional.empty());
                last = entry.id();
                messages.add(message);
            } finally {
                live.lock.unlock();
            }
        }

        @Override
        public String session() {
            return turn.session();
        }

        @Override
        public void used(Usage usage) {
            turn.used(usage);
        }
    }

    private void run(LiveSession live, LiveTurn turn, Session session, SessionConversation conversation) {
        try (HostTimer.Registration watch = timer.watch(turn)) {
            narrator.started(turn.id(), turn.session(), session.engine(), session.model(), turn.principal());
            RunTurn command = new RunTurn(turn.principal(), request(session), turn, turn.cancellation());
            TurnSummary summary = turns.runSession(turn.id(), session.engine(), session.tools(), conversation, command);
            end(live, turn, SessionTurn.COMPLETED, summary.finishReason(), Optional.empty());
        } catch (LlmgineException e) {
            fail(live, turn, e);
        } catch (Throwable t) {
            LOG.error("The turn {} failed.", turn.id(), t);
            fail(live, turn, internal(t));
        }
    }

    private static ModelRequest request(Session session) {
        SessionSettings options = session.settings();
        ModelRequest.Builder request =
                ModelRequest.builder(session.model()).stop(options.stop()).extensions(options.extensions());
        options.maxTokens().ifPresent(request::maxTokens);
        options.temperature().ifPresent(request::temperature);
        options.topP().ifPresent(request::topP);
        options.seed().ifPresent(request::seed);
        options.reasoningEffort().ifPresent(request::reasoningEffort);
        return request.build();
    }

    private void fail(LiveSession live, LiveTurn turn, LlmgineException failure) {
        Optional<LlmgineException> asked = turn.cancellation().reason();
        boolean cancelled = asked.filter(reason -> reason.code().equals(ErrorCode.CANCELLED))
                .isPresent();
        String state = cancelled ? SessionTurn.CANCELLED : SessionTurn.FAILED;
        // What fails while the plugins leave fails for that.
        LlmgineException cause = hostStops.getAsBoolean() ? interrupted() : failure;
        end(live, turn, state, "", Optional.of(asked.orElse(cause)));
    }

    private static LlmgineException internal(Throwable cause) {
        return new LlmgineException(ErrorCode.INTERNAL, "The host failed; its log tells why.", cause);
    }

    private static LlmgineException interrupted() {
        return TurnFailure.INTERRUPTED.toException();
    }

    /**
     * End a turn, unless it is over, and let the next one run.
     *
     * <p>The end is told on the bus when the session takes a prompt again, and before the next turn begins or a reader knows.
     */
    private void end(
            LiveSession live, LiveTurn turn, String state, String finishReason, Optional<LlmgineException> failure) {
        boolean ran;
        SessionTurn last;
        live.lock.lock();
        try {
            if (turn.isOver()) {
                return;
            }
            ran = live.line.peek() == turn;
            live.line.remove(turn);
            last = turn.end(state, clock.instant(), finishReason, failure);
            storeEnd(live, last);
            if (live.removed) {
                known.remove(turn.id());
            } else {
                kept.add(turn);
            }
        } finally {
            live.lock.unlock();
        }
        turn.ran().ifPresent(duration -> narrator.ended(last, turn.principal(), duration));
        turn.tell(last);
        if (ran) {
            live.lock.lock();
            try {
                advance(live, turn.session());
            } finally {
                live.lock.unlock();
            }
        }
    }

    private void storeEnd(LiveSession live, SessionTurn last) {
        try {
            if (!live.removed) {
                store.session(last.session()).ifPresent(session -> store.put(session, List.of(), Optional.of(last)));
            }
        } catch (LlmgineException e) {
            // Whoever waits for the end gets it all the same.
            LOG.warn(
                    "The end of the turn {} could not be stored; it will be tried again. {}",
                    last.id(),
                    e.getMessage());
            unstored.add(last);
        } catch (RuntimeException | Error e) {
            LOG.error("The end of the turn {} could not be stored.", last.id(), e);
        }
    }

    /** Store an end that could not be stored when it came. Throws what fails again and may do better later. */
    private void storeLate(SessionTurn last) {
        try {
            locked(last.session(), (session, live) -> {
                store.put(session, List.of(), Optional.of(last));
                return last;
            });
        } catch (LlmgineException e) {
            if (e.code().equals(ErrorCode.UNAVAILABLE) || e.code().equals(ErrorCode.BUSY)) {
                throw e;
            }
            LOG.warn("The end of the turn {} is not stored: {}", last.id(), e.getMessage());
        }
        unstored.remove(last);
    }

    /** Let the first of the line run. The session's lock is held. */
    private void advance(LiveSession live, String sessionId) {
        LiveTurn next = live.line.peek();
        // One that came meanwhile has begun by itself.
        if (next == null || next.hasBegun()) {
            return;
        }
        try {
            begin(store.session(sessionId).orElseThrow(() -> Sessions.unknown(sessionId)), live, next);
        } catch (LlmgineException e) {
            fail(live, next, e);
        } catch (RuntimeException e) {
            LOG.error("The turn {} could not begin.", next.id(), e);
            fail(live, next, internal(e));
        }
    }

    List<SessionTurn> list(String sessionId) {
        return store.turns(sessionId).stream().map(this::live).toList();
    }

    SessionTurn get(String sessionId, String turnId) {
        return store.turn(sessionId, turnId).map(this::live).orElseThrow(() -> unknown(turnId));
    }

    private SessionTurn live(SessionTurn stored) {
        LiveTurn live = known.get(stored.id());
        return live == null ? unstored.find(stored.id()).orElse(stored) : live.now();
    }

    private static LlmgineException unknown(String turnId) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "The session has no turn '" + turnId + "'.");
    }

    TurnReader follow(String sessionId, String turnId, long afterSeq) {
        LiveTurn turn = known.get(turnId);
        if (turn == null || !turn.session().equals(sessionId)) {
            get(sessionId, turnId);
            throw new LlmgineException(ErrorCode.NOT_FOUND, "The events of the turn are no longer kept.")
                    .withHint("Read the session's messages instead.");
        }
        return turn.log().read(afterSeq);
    }

    SessionTurn cancel(String sessionId, String turnId) {
        LiveTurn turn = known.get(turnId);
        if (turn == null || !turn.session().equals(sessionId)) {
            return get(sessionId, turnId);
        }
        turn.cancellation().cancel(new LlmgineException(ErrorCode.CANCELLED, "The turn was cancelled."));
        endWaiting(turn);
        awaitEnd(turn, END_WAIT);
        return turn.now();
    }

    /** End a cancelled turn that has not begun. */
    private void endWaiting(LiveTurn turn) {
        LiveSession live = sessions.get(turn.session());
        if (live == null) {
            return;
        }
        live.lock.lock();
        try {
            if (live.line.contains(turn) && live.line.peek() != turn) {
                turn.cancellation().reason().ifPresent(reason -> fail(live, turn, reason));
            }
        } finally {
            live.lock.unlock();
        }
    }

    /** Remove a session and end its turns. */
    Session remove(String sessionId) {
        LlmgineException reason = new LlmgineException(ErrorCode.CANCELLED, "The session was deleted.");
        List<LiveTurn> running = new ArrayList<>();
        Session removed = locked(sessionId, (session, live) -> {
            store.remove(sessionId);
            live.removed = true;
            sessions.remove(sessionId, live);
            endWaiting(live, reason).ifPresent(running::add);
            return session;
        });
        for (LiveTurn turn : running) {
            turn.cancellation().cancel(reason);
            awaitEnd(turn, END_WAIT);
        }
        kept.remove(sessionId);
        return removed;
    }

    /** End the turns that wait, and return the one that runs. The session's lock is held. */
    private Optional<LiveTurn> endWaiting(LiveSession live, LlmgineException reason) {
        live.line.stream().skip(1).toList().forEach(waiting -> {
            waiting.cancellation().cancel(reason);
            fail(live, waiting, reason);
        });
        return Optional.ofNullable(live.line.peek());
    }

    /** End all turns, as interrupted; those that don't heed it within the limit are left behind. */
    void close(Duration limit) {
        closed = true;
        LlmgineException reason = interrupted();
        Map<LiveTurn, LiveSession> running = new HashMap<>();
        for (LiveSession live : sessions.values()) {
            live.lock.lock();
            try {
                endWaiting(live, reason).ifPresent(turn -> running.put(turn, live));
            } finally {
                live.lock.unlock();
            }
        }
        running.keySet().forEach(turn -> turn.cancellation().cancel(reason));
        long deadline = System.nanoTime() + limit.toNanos();
        running.forEach((turn, live) -> {
            if (!awaitEnd(turn, Duration.ofNanos(deadline - System.nanoTime()))) {
                LOG.warn("The turn {} didn't heed its cancellation and is left behind.", turn.id());
                turn.interrupt();
                fail(live, turn, reason);
            }
        });
        unstored.close();
        kept.close();
        metrics.remove(RUNNING_FIGURE);
        metrics.remove(WAITING_FIGURE);
    }

    private static boolean awaitEnd(LiveTurn turn, Duration limit) {
        try {
            return turn.await(limit);
        } catch (InterruptedException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The wait for the turn's end was interrupted.", e);
        }
    }
}
