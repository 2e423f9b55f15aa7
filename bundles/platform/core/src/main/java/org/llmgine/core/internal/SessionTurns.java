package org.llmgine.core.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Usage;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ApprovalRequested;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.session.TurnReader;
import org.llmgine.core.spi.ApprovalStore;
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
    /** So long a turn that is to be entered again waits for plugins, after a decision or the host's start. */
    private static final Duration PLUGIN_WAIT = Duration.ofSeconds(30);

    private static final String RUNNING_FIGURE = "llmgine_session_turns_running";
    private static final String WAITING_FIGURE = "llmgine_session_turns_waiting";

    private final SessionStore store;
    private final ApprovalStore approvals;
    private final MessageBus bus;
    private final Turns turns;
    private final Supplier<Settings> settings;
    private final HostTimer timer;
    private final LongSupplier nanoClock;
    private final InstantSource clock;
    private final MetricRegistry metrics;
    private final KeptTurns kept;
    private final Map<String, LiveSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, LiveTurn> known = new ConcurrentHashMap<>();
    /** Those of the known turns that are suspended. */
    private final Map<String, LiveTurn> parked = new ConcurrentHashMap<>();

    private final Instant started;
    private final UnstoredEnds unstored;
    private final BooleanSupplier hostStops;
    private final Narrator narrator;
    private final Registration runs;
    private volatile boolean closed;

    /**
     * Make a runner.
     *
     * @param hostStops tells whether the host has begun to stop, which takes the plugins away one by one
     */
    SessionTurns(
            SessionStore store,
            ApprovalStore approvals,
            MessageBus bus,
            Turns turns,
            Supplier<Settings> settings,
            HostTimer timer,
            LongSupplier nanoClock,
            InstantSource clock,
            MetricRegistry metrics,
            BooleanSupplier hostStops,
            Narrator narrator) {
        this.store = store;
        this.approvals = approvals;
        this.bus = bus;
        this.turns = turns;
        this.settings = settings;
        this.timer = timer;
        this.nanoClock = nanoClock;
        this.clock = clock;
        this.metrics = metrics;
        this.hostStops = hostStops;
        this.narrator = narrator;
        runs = bus.handle(SessionRun.class, (run, context) -> run.work().get());
        started = clock.instant();
        kept = new KeptTurns(settings, timer, nanoClock, turn -> known.remove(turn.id()));
        unstored = new UnstoredEnds(timer, nanoClock, this::storeLate);
        Gauge<Long> running = () -> count(SessionTurn.RUNNING);
        Gauge<Long> waiting = () -> count(SessionTurn.QUEUED);
        metrics.gauge(RUNNING_FIGURE, () -> running);
        metrics.gauge(WAITING_FIGURE, () -> waiting);
    }

    private long count(String state) {
        return known.values().stream()
                .filter(turn -> !parked.containsKey(turn.id()))
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

    /** Return the suspended turns of sessions, by session. */
    Map<String, String> suspended(List<String> sessionIds) {
        Map<String, String> ids = new HashMap<>();
        approvals.suspended(sessionIds).forEach(turn -> ids.put(turn.session(), turn.id()));
        return ids;
    }

    /** Return the turn of a session that runs here, or waits to. */
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

    /** Return the turn of a session that is suspended, runs here or waits to. The session's lock is held. */
    Optional<String> current(Session session, LiveSession live) {
        return Optional.ofNullable(suspended(List.of(session.id())).get(session.id()))
                .or(live::turn);
    }

    private boolean isHeld(String sessionId) {
        return !approvals.suspended(List.of(sessionId)).isEmpty();
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
        boolean held = isHeld(session.id());
        if (held || !live.line.isEmpty()) {
            if (!session.settings().whenBusy().equals(SessionSettings.QUEUE)) {
                throw held
                        ? busy("A turn of the session waits for an approval.")
                                .withHint(
                                        "Approve or deny it, cancel the turn, or set the session's whenBusy to 'queue'.")
                        : busy("A turn of the session is in progress.")
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
                new TurnLog(0, settings.get().sessions().logMaxBytes(), nanoClock),
                nanoClock);
        live.line.add(turn);
        known.put(turn.id(), turn);
        try {
            if (!held && live.line.size() == 1) {
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
                new SessionConversation(live, turn, moved, History.whole(conversation), turn.prompt(), List.of());
        Thread thread = thread(turn, () -> {
            try (HostTimer.Registration watch = timer.watch(turn)) {
                run(live, turn, session.engine(), moved, messages);
            }
        });
        // Or the store would take the former one for one that still runs.
        unstored.of(session.id()).forEach(this::storeLate);
        turn.begin(
                session.engine(),
                session.settings().detachedGrace().orElse(now.sessions().detachedGrace()),
                thread);
        store.put(moved, prompt.stream().toList(), Optional.of(turn.now()));
        thread.start();
    }

    private static Thread thread(LiveTurn turn, Runnable work) {
        return Thread.ofVirtual().name("llmgine-" + turn.id()).unstarted(work);
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
        private final List<Approval> decided;
        private final SessionSettings options;
        private final ContextWindow window = ContextWindow.of(settings.get());
        private String last;

        /**
         * Take a conversation up.
         *
         * @param last the id of its last message
         * @param decided what was decided of the calls that the turn has waited for
         */
        SessionConversation(
                LiveSession live,
                LiveTurn turn,
                Session session,
                List<Message> messages,
                String last,
                List<Approval> decided) {
            this.live = live;
            this.turn = turn;
            this.options = session.settings();
            this.system =
                    session.systemPrompt().isEmpty() ? List.of() : List.of(Message.system(session.systemPrompt()));
            this.messages = messages;
            this.last = last;
            this.decided = decided;
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

        @Override
        public Optional<Usage> usedBefore() {
            return turn.usage();
        }

        @Override
        public boolean canWait() {
            return true;
        }

        @Override
        public ApprovalPolicy policy() {
            return ApprovalPolicy.of(settings.get(), options);
        }

        @Override
        public List<Approval> decided() {
            return decided;
        }
    }

    /**
     * Run a turn of a session: as a command, so that what its engine and its tools send belongs to the session.
     *
     * @param work runs it
     */
    @MessageType("llmgine/turn/run")
    private record SessionRun(Supplier<Turns.Run> work) implements Command<Turns.Run> {}

    private void run(
            LiveSession live, LiveTurn turn, String engine, Session session, SessionConversation conversation) {
        try {
            narrator.started(turn.id(), turn.session(), engine, session.model(), turn.principal());
            RunTurn command = new RunTurn(turn.principal(), request(session), turn, turn.cancellation());
            SessionRun work =
                    new SessionRun(() -> turns.runSession(turn.id(), engine, session.tools(), conversation, command));
            Turns.Run ended = bus.execute(
                            work, SendOptions.inSession(session.id()).withPrincipal(turn.principal()))
                    .orElseThrow();
            if (ended.waiting().isEmpty()) {
                end(live, turn, SessionTurn.COMPLETED, ended.summary().finishReason(), Optional.empty());
            } else {
                suspend(live, turn, ended.waiting());
            }
        } catch (LlmgineException e) {
            fail(live, turn, e);
        } catch (Throwable t) {
            LOG.error("The turn {} failed.", turn.id(), t);
            fail(live, turn, internal(t));
        }
    }

    /** Let a turn wait for people; from then on it is nothing but what is stored, and its events. */
    private void suspend(LiveSession live, LiveTurn turn, List<ToolCall> calls) {
        List<Approval> asked = new ArrayList<>();
        live.lock.lock();
        try {
            turn.cancellation().check();
            if (turn.isOver() || live.removed) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The turn is over.");
            }
            Instant now = clock.instant();
            for (ToolCall call : calls) {
                asked.add(new Approval(
                        Sessions.newId("appr_"),
                        turn.session(),
                        turn.id(),
                        turn.log().last() + asked.size() + 1,
                        call,
                        turn.principal(),
                        now,
                        now.plus(settings.get().approvals().expiry()),
                        Approval.PENDING,
                        Optional.empty(),
                        "",
                        Optional.empty()));
            }
            approvals.suspend(turn.suspended(), asked);
            live.line.remove(turn);
            park(turn);
            asked.forEach(approval -> turn.log().tell(new ApprovalRequired(approval)));
        } finally {
            live.lock.unlock();
        }
        asked.forEach(approval -> bus.publish(
                ApprovalRequested.of(approval),
                SendOptions.inSession(turn.session()).withPrincipal(turn.principal())));
    }

    private void park(LiveTurn turn) {
        turn.park();
        parked.put(turn.id(), turn);
    }

    /** Enter a suspended turn again, if nothing of it is pending any more and no other host does. */
    void resume(String sessionId, String turnId) {
        if (closed || hostStops.getAsBoolean()) {
            return;
        }
        locked(sessionId, (session, live) -> {
            store.turn(sessionId, turnId)
                    .filter(turn -> turn.state().equals(SessionTurn.SUSPENDED))
                    .ifPresent(turn -> resume(session, live, turn));
            return session;
        });
    }

    private void resume(Session session, LiveSession live, SessionTurn stored) {
        List<Approval> asked = approvals.ofTurn(session.id(), stored.id());
        if (asked.isEmpty() || asked.stream().anyMatch(Approval::isPending)) {
            return;
        }
        List<Entry> entries = store.entries(session.id());
        String last = entries.stream()
                .filter(entry -> entry.turn().equals(Optional.of(stored.id())))
                .map(Entry::id)
                .reduce(stored.prompt(), (before, after) -> after);
        List<Message> messages = History.inRound(new History(entries).upTo(Optional.of(last)));
        List<Approval> decided = open(messages, asked);
        List<ToolCall> approved = decided.stream()
                .filter(approval -> approval.state().equals(Approval.APPROVED))
                .map(Approval::call)
                .toList();
        if (!turns.isReady(stored.engine(), session.model(), approved) && mayWait(asked)) {
            return;
        }
        LiveTurn turn = revived(stored, asked);
        SessionConversation conversation = new SessionConversation(live, turn, session, messages, last, decided);
        Thread thread = thread(turn, () -> run(live, turn, stored.engine(), session, conversation));
        if (!approvals.leave(stored.running())) {
            return;
        }
        parked.remove(turn.id());
        live.line.addFirst(turn);
        turn.begin(stored.engine(), Duration.ZERO, thread);
        thread.start();
    }

    /** Return what was decided of the last answer's calls that have no result, in the order of the calls. */
    private static List<Approval> open(List<Message> messages, List<Approval> asked) {
        Map<String, Approval> latest = new HashMap<>();
        asked.forEach(approval -> latest.put(approval.call().id(), approval));
        Set<String> answered = new HashSet<>();
        for (Message message : messages.reversed()) {
            if (message.role().equals(Role.ASSISTANT)) {
                return message.toolCalls().stream()
                        .filter(call -> !answered.contains(call.id()))
                        .flatMap(call -> Optional.ofNullable(latest.get(call.id())).stream())
                        .toList();
            }
            message.toolCallId().ifPresent(answered::add);
        }
        return List.of();
    }

    /** Tell whether it is early enough for plugins that are away to come. */
    private boolean mayWait(List<Approval> asked) {
        Instant since = asked.stream()
                .flatMap(approval -> approval.decided().stream())
                .reduce(started, (one, other) -> one.isAfter(other) ? one : other);
        return clock.instant().isBefore(since.plus(PLUGIN_WAIT));
    }

    /** Return a suspended turn as this host knows it, or as its events go on here. */
    private LiveTurn revived(SessionTurn stored, List<Approval> asked) {
        long last = asked.stream().mapToLong(Approval::event).max().orElse(0);
        LiveTurn here = parked.get(stored.id());
        if (here != null && here.log().last() >= last) {
            return here;
        }
        if (here != null) {
            // It was entered again elsewhere since: whoever reads it here has to come again.
            here.tell(stored);
        }
        LiveTurn turn = new LiveTurn(
                stored.id(),
                stored.session(),
                asked.getLast().askedBy(),
                new TurnDraft(List.of(), Optional.of(stored.prompt())),
                stored.prompt(),
                stored.engine(),
                stored.created(),
                // One number is the former host's, for the end of its events.
                new TurnLog(last + 1, settings.get().sessions().logMaxBytes(), nanoClock),
                nanoClock);
        turn.resumeFrom(stored);
        asked.stream().filter(Approval::isPending).map(ApprovalRequired::new).forEach(turn.log()::tell);
        known.put(turn.id(), turn);
        park(turn);
        return turn;
    }

    /** End a suspended turn, unless another host has entered it again. The session's lock is held. */
    private void endSuspended(LiveSession live, SessionTurn stored, LlmgineException reason) {
        SessionTurn last = stored.ended(SessionTurn.CANCELLED, clock.instant(), TurnFailure.of(reason));
        if (approvals.leave(last)) {
            finish(last);
            advance(live, last.session());
        }
    }

    /** Tell the readers of a suspended turn how it ended. The session's lock is held. */
    private void finish(SessionTurn last) {
        LiveTurn turn = parked.remove(last.id());
        if (turn != null) {
            turn.end(last);
            kept.add(turn);
            turn.tell(last);
        }
    }

    /**
     * Look after what other hosts may have changed: suspended turns that are over, and prompts that wait for one. Events of
     * suspended turns that nobody reads are forgotten like those of turns that are over.
     */
    void lookAfter() {
        if (closed) {
            return;
        }
        Collection<String> held = suspended(
                        parked.values().stream().map(LiveTurn::session).toList())
                .values();
        for (LiveTurn turn : parked.values()) {
            if (!held.contains(turn.id())) {
                lookAfter(turn);
            } else if (isUnread(turn)) {
                forget(turn);
            }
        }
        sessions.forEach((id, live) -> {
            live.lock.lock();
            try {
                advance(live, id);
            } finally {
                live.lock.unlock();
            }
        });
    }

    private boolean isUnread(LiveTurn turn) {
        return turn.log().unreadNanos(nanoClock.getAsLong())
                > settings.get().sessions().logKeep().toNanos();
    }

    private void forget(LiveTurn turn) {
        locked(turn.session(), (session, live) -> {
            if (parked.remove(turn.id(), turn)) {
                known.remove(turn.id(), turn);
                // Somebody may have come at this moment.
                turn.tell(turn.suspended());
            }
            return session;
        });
    }

    private void lookAfter(LiveTurn turn) {
        try {
            locked(turn.session(), (session, live) -> {
                store.turn(turn.session(), turn.id())
                        .filter(SessionTurn::isOver)
                        .ifPresent(this::finish);
                return session;
            });
        } catch (LlmgineException e) {
            if (e.code().equals(ErrorCode.NOT_FOUND)) {
                finish(turn.suspended().ended(SessionTurn.CANCELLED, clock.instant(), TurnFailure.of(deleted())));
            }
        }
    }

    private static LlmgineException deleted() {
        return new LlmgineException(ErrorCode.CANCELLED, "The session was deleted.");
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
            if (turn.isOver() || parked.containsKey(turn.id())) {
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

    /** Let the first of the line run, unless it does or another turn is suspended. The session's lock is held. */
    private void advance(LiveSession live, String sessionId) {
        LiveTurn next = live.line.peek();
        if (next == null || next.isRunning() || live.removed || closed) {
            return;
        }
        try {
            if (isHeld(sessionId)) {
                return;
            }
            begin(store.session(sessionId).orElseThrow(() -> Sessions.unknown(sessionId)), live, next);
        } catch (LlmgineException e) {
            if (e.code().equals(ErrorCode.BUSY)) {
                // Another host runs the turn before it: it is looked after.
                next.rest();
            } else {
                fail(live, next, e);
            }
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
        return live == null || parked.containsKey(stored.id())
                ? unstored.find(stored.id()).orElse(stored)
                : live.now();
    }

    private static LlmgineException unknown(String turnId) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "The session has no turn '" + turnId + "'.");
    }

    TurnReader follow(String sessionId, String turnId, long afterSeq) {
        LiveTurn turn = known.get(turnId);
        if (turn == null || !turn.session().equals(sessionId)) {
            turn = get(sessionId, turnId).state().equals(SessionTurn.SUSPENDED) ? taken(sessionId, turnId) : null;
        }
        if (turn == null) {
            throw new LlmgineException(ErrorCode.NOT_FOUND, "The events of the turn are no longer kept.")
                    .withHint("Read the session's messages instead.");
        }
        return turn.log().read(afterSeq);
    }

    /** Make the events of a turn readable that was suspended elsewhere, or before the host's start. */
    private @Nullable LiveTurn taken(String sessionId, String turnId) {
        return locked(
                        sessionId,
                        (session, live) -> approvals.suspended(List.of(sessionId)).stream()
                                .filter(stored -> stored.id().equals(turnId))
                                .findFirst()
                                .map(stored -> revived(stored, approvals.ofTurn(sessionId, turnId))))
                .orElseGet(() -> known.get(turnId));
    }

    SessionTurn cancel(String sessionId, String turnId) {
        LlmgineException reason = new LlmgineException(ErrorCode.CANCELLED, "The turn was cancelled.");
        LiveTurn turn = known.get(turnId);
        if (turn != null && turn.session().equals(sessionId) && !parked.containsKey(turnId)) {
            turn.cancellation().cancel(reason);
            endWaiting(turn);
            // It may have been suspended at this moment.
            if (!parked.containsKey(turnId)) {
                awaitEnd(turn, END_WAIT);
                return turn.now();
            }
        }
        if (get(sessionId, turnId).state().equals(SessionTurn.SUSPENDED)) {
            locked(sessionId, (session, live) -> {
                approvals.suspended(List.of(sessionId)).stream()
                        .filter(stored -> stored.id().equals(turnId))
                        .forEach(stored -> endSuspended(live, stored, reason));
                return session;
            });
        }
        return get(sessionId, turnId);
    }

    /** End a cancelled turn that has not begun. */
    private void endWaiting(LiveTurn turn) {
        LiveSession live = sessions.get(turn.session());
        if (live == null) {
            return;
        }
        live.lock.lock();
        try {
            if (live.line.contains(turn) && !turn.isRunning()) {
                turn.cancellation().reason().ifPresent(reason -> fail(live, turn, reason));
            }
        } finally {
            live.lock.unlock();
        }
    }

    /** Remove a session and end its turns. */
    Session remove(String sessionId) {
        LlmgineException reason = deleted();
        List<LiveTurn> running = new ArrayList<>();
        Session removed = locked(sessionId, (session, live) -> {
            store.remove(sessionId);
            live.removed = true;
            sessions.remove(sessionId, live);
            parked.values().stream()
                    .filter(turn -> turn.session().equals(sessionId))
                    .map(turn -> turn.suspended().ended(SessionTurn.CANCELLED, clock.instant(), TurnFailure.of(reason)))
                    .forEach(this::finish);
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
        live.line.stream().filter(turn -> !turn.isRunning()).toList().forEach(waiting -> {
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
            if (!parked.containsKey(turn.id()) && !awaitEnd(turn, Duration.ofNanos(deadline - System.nanoTime()))) {
                LOG.warn("The turn {} didn't heed its cancellation and is left behind.", turn.id());
                turn.interrupt();
                fail(live, turn, reason);
            }
        });
        runs.close();
        parked.values().forEach(turn -> turn.tell(turn.suspended()));
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
