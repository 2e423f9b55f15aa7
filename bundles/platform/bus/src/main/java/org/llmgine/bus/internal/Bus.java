package org.llmgine.bus.internal;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandFinished;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.ListenerFailed;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionOptions;
import org.llmgine.bus.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bus itself: finds who is to be called, and calls. Each bundle has a {@link BundleBus} before it. */
final class Bus implements HostTimer.Watch {
    static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
    private static final Duration ROUND = Duration.ofMillis(100);
    private static final Duration LANE_IDLE = Duration.ofSeconds(10);
    private static final String OWN = "org.llmgine.bus";
    private static final String STOPPED = "The bus has stopped.";

    private final Ids ids = new Ids();
    private final WaitGraph waits = new WaitGraph();
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private final Map<Class<?>, List<HandlerEntry>> handlers = new ConcurrentHashMap<>();
    private final Map<String, OpenSession> sessions = new ConcurrentHashMap<>();
    private final Set<TimedRun> timed = ConcurrentHashMap.newKeySet();
    private final List<Held> held = new ArrayList<>();
    private final Object holding = new Object();
    private final BusFigures figures;
    private final InstantSource clock;
    private final Policies policies;
    private final DeadLetterBox deadLetters;
    private final Consumer<Duration> pause;
    private volatile BusSettings settings;
    private volatile Routes routes = Routes.NONE;
    private volatile Interceptor[] interceptors = new Interceptor[0];
    private volatile EventFilter[] filters = new EventFilter[0];
    private volatile boolean running;
    private volatile boolean closed;
    private volatile long round = System.nanoTime();

    /** An event that was published before the bus was started. */
    private record Held(Delivery delivery, @Nullable Delivery from) {}

    /** A command with a deadline. */
    private record TimedRun(CommandRun<?> run, long deadline, Duration timeout) {}

    /**
     * Make a bus that holds events until {@link #start}.
     *
     * @param pause lets a publisher pause
     */
    Bus(
            BusSettings settings,
            BusFigures figures,
            InstantSource clock,
            Policies policies,
            DeadLetterBox deadLetters,
            Consumer<Duration> pause) {
        this.settings = settings;
        this.figures = figures;
        this.clock = clock;
        this.policies = policies;
        this.deadLetters = deadLetters;
        this.pause = pause;
        figures.gauge(
                "queue_size",
                () -> lanes.values().stream().mapToInt(Lane::waiting).sum());
        figures.gauge(
                "backpressure_active",
                () -> lanes.values().stream().filter(Lane::isPressed).count());
        figures.gauge("dead_letter_queue_size", deadLetters::size);
        figures.gauge("active_sessions", sessions::size);
        figures.gauge("registered_handlers", () -> handlers.size() + routes.size());
    }

    // ---- what the parts ask ----------------------------------------------------------------------------------------

    BusSettings settings() {
        return settings;
    }

    void settings(BusSettings now) {
        settings = now;
    }

    BusFigures figures() {
        return figures;
    }

    boolean isClosed() {
        return closed;
    }

    WaitGraph waits() {
        return waits;
    }

    InstantSource clock() {
        return clock;
    }

    /** Tell whether events are delivered, and not held or rejected. */
    boolean isRunning() {
        return running && !closed;
    }

    /** Tell whether somebody handles a type of command in a session. */
    boolean isHandled(Class<?> type, String session) {
        return handler(type, session) != null;
    }

    /** Tell whether a type's policy retries it and keeps it in the end. */
    boolean keepsDead(Class<?> type) {
        return policies.keepsDead(type);
    }

    void pause(Duration time) {
        pause.accept(time);
    }

    void pressed(String session, int waiting) {
        LOG.warn("{} events of the session '{}' wait: its listeners are slower than its publishers.", waiting, session);
    }

    void released(String session, int waiting) {
        LOG.info("{} events of the session '{}' wait: its listeners have caught up.", waiting, session);
    }

    // ---- life
    // --------------------------------------------------------------------------------------------------------

    /** Deliver what was held, and all that comes. */
    void start() {
        synchronized (holding) {
            running = true;
            held.forEach(event -> offer(event.delivery, () -> enqueue(event.delivery, event.from)));
            held.clear();
        }
    }

    /** Take nothing more, wait for what is under way, and hand the rest over. */
    void stop() {
        start();
        sessions.values().forEach(OpenSession::close);
        closed = true;
        long deadline = System.nanoTime() + settings.drainTimeout().toNanos();
        while (lanes.values().stream().anyMatch(Lane::isBusy) && System.nanoTime() < deadline) {
            pause.accept(Duration.ofMillis(5));
        }
        int left = 0;
        for (Lane lane : lanes.values()) {
            left += lane.abandon(delivery -> giveUp(delivery, STOPPED));
        }
        if (left > 0) {
            LOG.warn("{} events were not handled before the bus stopped.", left);
        }
        figures.close();
    }

    /** End an event that nobody was called with; it is kept if its policy says so. */
    private void giveUp(Delivery delivery, String why) {
        delivery.end(State.REJECTED, why);
        if (policies.keepsDead(delivery.event().getClass())) {
            deadLetters.add(this, delivery, "", new LlmgineException(ErrorCode.INTERRUPTED, why));
        }
    }

    @Override
    public boolean isDue(long nanoTime) {
        boolean due = nanoTime - round >= ROUND.toNanos();
        if (due) {
            round = nanoTime;
        }
        return due;
    }

    @Override
    public void act() {
        long now = round;
        for (TimedRun run : timed) {
            if (now - run.deadline >= 0) {
                // It runs what others want to be run then, which may take its time.
                Thread.startVirtualThread(() -> run.run.expire(new LlmgineException(
                        ErrorCode.TIMEOUT, "The command wasn't done within " + run.timeout.toMillis() + " ms.")));
            }
        }
        lanes.values().forEach(lane -> {
            lane.watch(now);
            if (lane.retire(now, LANE_IDLE)) {
                lanes.remove(lane.session(), lane);
            }
        });
        sessions.values().forEach(session -> session.watch(now));
    }

    // ---- registrations
    // -----------------------------------------------------------------------------------------------

    synchronized void add(ListenerEntry entry) {
        routes = routes.with(entry);
    }

    void remove(ListenerEntry entry) {
        entry.close();
        synchronized (this) {
            routes = routes.without(entry);
        }
    }

    /** Register a handler; of several services for one type the one of the highest ranking serves. */
    void add(Class<?> type, HandlerEntry entry) {
        handlers.merge(type, List.of(entry), (before, added) -> {
            List<HandlerEntry> all = new ArrayList<>(before);
            all.addAll(added);
            return all.stream().sorted().toList();
        });
    }

    /** Register the only handler of a type: no service comes before it, whatever its ranking. */
    <R, C extends Command<R>> HandlerEntry addOnly(Owner owner, Class<C> type, CommandHandler<C, R> handler) {
        HandlerEntry entry = new HandlerEntry(owner, handlerName(handler), handler);
        handlers.merge(type, List.of(entry), (before, added) -> {
            if (before.getFirst().isOnly()) {
                throw hasHandler(type);
            }
            return Stream.concat(added.stream(), before.stream()).toList();
        });
        return entry;
    }

    static LlmgineException hasHandler(Class<?> type) {
        return new LlmgineException(
                ErrorCode.BUSY, "The command '" + TypeInfo.of(type).name() + "' has a handler already.");
    }

    static String handlerName(Object handler) {
        Class<?> type = handler.getClass();
        String name = type.getName();
        int lambda = name.indexOf("$$");
        return name.substring(
                name.lastIndexOf('.', lambda < 0 ? name.length() : lambda) + 1, lambda < 0 ? name.length() : lambda);
    }

    void remove(Class<?> type, HandlerEntry entry) {
        handlers.computeIfPresent(type, (key, all) -> {
            List<HandlerEntry> others =
                    all.stream().filter(other -> other != entry).toList();
            return others.isEmpty() ? null : others;
        });
        entry.close();
        figures.forgetTypes();
    }

    void interceptors(List<Interceptor> now) {
        interceptors = now.toArray(Interceptor[]::new);
    }

    void filters(List<EventFilter> now) {
        filters = now.toArray(EventFilter[]::new);
    }

    /** Hold no class of a bundle that has gone. */
    synchronized void forgetTypes() {
        routes = routes.forgetting();
        figures.forgetTypes();
        policies.forgetTypes();
    }

    Routes routes() {
        return routes;
    }

    // ---- sessions
    // ------------------------------------------------------------------------------------------------------

    OpenSession open(Owner owner, SessionOptions options) {
        if (closed) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, STOPPED);
        }
        OpenSession session = new OpenSession(this, owner, options.id().orElseGet(ids::next), options);
        if (sessions.putIfAbsent(session.id(), session) != null) {
            throw new LlmgineException(ErrorCode.BUSY, "A session '" + session.id() + "' is open.");
        }
        session.tellStarted();
        return session;
    }

    Optional<OpenSession> session(String id) {
        return Optional.ofNullable(sessions.get(id));
    }

    void endSessionsOf(Owner owner) {
        sessions.values().stream().filter(session -> session.isOpenedBy(owner)).forEach(OpenSession::end);
    }

    void ended(OpenSession session) {
        sessions.remove(session.id(), session);
    }

    // ---- commands
    // ------------------------------------------------------------------------------------------------------

    <R> CommandResult<R> execute(Command<R> command, SendOptions options, Owner sender) {
        Context parent = Context.now();
        CommandRun<R> run = new CommandRun<>(ids, parent, sender.bundle(), command, options, clock.millis());
        long begun = System.nanoTime();
        Class<?> type = command.getClass();
        BusFigures.CommandFigures counted = figures.command(type);
        counted.sent().inc();
        HandlerEntry handler = handler(type, run.session());
        if (handler == null) {
            return finished(run, begun, counted, null, noHandler(type));
        }
        if (isHeard(CommandStarted.class, run.session())) {
            tell(run, new CommandStarted(run.id(), TypeInfo.of(type).name()));
        }
        TimedRun deadline = null;
        if (options.timeout().isPresent()) {
            Duration timeout = options.timeout().get();
            run.interruptible();
            deadline = new TimedRun(run, begun + timeout.toNanos(), timeout);
            timed.add(deadline);
        }
        R value = null;
        LlmgineException failure = null;
        try {
            Policies.Policy policy = policies.of(type);
            value = policy == null ? attempt(run, handler) : policy.execute(() -> attempt(run, handler));
        } catch (LlmgineException e) {
            failure = e;
        } finally {
            if (deadline != null) {
                timed.remove(deadline);
            }
        }
        Optional<LlmgineException> expired = run.end();
        return finished(run, begun, counted, value, expired.orElse(failure));
    }

    /** Execute a command that was given up before; throws when it fails again. */
    void resend(Command<?> command, SendOptions options) {
        CommandRun<?> run = new CommandRun<>(ids, Context.now(), OWN, command, options, clock.millis());
        HandlerEntry handler = handler(command.getClass(), run.session());
        if (handler == null) {
            throw noHandler(command.getClass());
        }
        try {
            attempt(run, handler);
        } finally {
            run.end();
        }
    }

    private static LlmgineException noHandler(Class<?> type) {
        return new LlmgineException(
                        ErrorCode.UNAVAILABLE,
                        "Nobody handles the command '" + TypeInfo.of(type).name() + "'.")
                .withHint("Install the plugin that does.");
    }

    private @Nullable HandlerEntry handler(Class<?> type, String session) {
        OpenSession open = session.isEmpty() ? null : sessions.get(session);
        if (open != null) {
            open.touch();
            HandlerEntry own = open.handler(type);
            if (own != null) {
                return own;
            }
        }
        List<HandlerEntry> all = handlers.get(type);
        return all == null ? null : all.getFirst();
    }

    /** Call the handler once; throws {@link LlmgineException} only. */
    private <R> @Nullable R attempt(CommandRun<R> run, HandlerEntry chosen) {
        Command<R> command = run.command();
        HandlerEntry handler = chosen;
        while (!handler.enter()) {
            // It went in between; there may be a successor.
            HandlerEntry successor = handler(command.getClass(), run.session());
            if (successor == null || successor == handler) {
                throw noHandler(command.getClass());
            }
            handler = successor;
        }
        HandlerEntry entered = handler;
        run.begin(entered);
        try {
            Interceptor[] chain = interceptors;
            return run.call(
                    chain.length == 0
                            ? () -> entered.handle(command, run)
                            : () -> around(chain, 0, command, run, () -> entered.handle(command, run)));
        } catch (Throwable t) {
            if (t instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            String what = "the command '" + TypeInfo.of(command.getClass()).name() + "'";
            LlmgineException failure = Failures.contain(t, entered.name(), what);
            if (failure.code().equals(ErrorCode.PLUGIN_FAILED)) {
                Failures.log(LOG, entered, failure, what);
            }
            throw failure;
        } finally {
            entered.leave();
        }
    }

    private static <R> @Nullable R around(
            Interceptor[] chain, int index, Command<R> command, CommandRun<R> run, Callable<R> inner) throws Exception {
        return index == chain.length
                ? inner.call()
                : chain[index].aroundCommand(command, run, () -> around(chain, index + 1, command, run, inner));
    }

    private <R> CommandResult<R> finished(
            CommandRun<R> run,
            long begun,
            BusFigures.CommandFigures counted,
            @Nullable R value,
            @Nullable LlmgineException failure) {
        long nanos = System.nanoTime() - begun;
        counted.durations().update(nanos, TimeUnit.NANOSECONDS);
        CommandResult<R> result = new CommandResult<>(
                run.id(),
                run.session(),
                run.handledBy(),
                Duration.ofNanos(nanos),
                run.attempts(),
                value,
                Optional.ofNullable(failure));
        if (failure != null) {
            counted.failed().inc();
        }
        if (isHeard(CommandFinished.class, run.session())) {
            tell(
                    run,
                    new CommandFinished(
                            run.id(),
                            TypeInfo.of(run.command().getClass()).name(),
                            result.origin(),
                            result.duration(),
                            result.attempts(),
                            result.failure().map(e -> e.code().name()),
                            result.failure().map(LlmgineException::getMessage)));
        }
        if (failure != null && policies.keepsDead(run.command().getClass())) {
            deadLetters.add(this, run, failure);
        }
        return result;
    }

    // ---- events
    // --------------------------------------------------------------------------------------------------------

    /** Tell one of the bus' own facts about a message, in its session. */
    void tell(Context about, Event fact) {
        SendOptions options = SendOptions.inSession(about.session()).withPrincipal(about.principal());
        publish(new Delivery(ids, waits, about, OWN, fact, options, clock.millis()), null);
    }

    boolean isHeard(Class<? extends Event> type, String session) {
        return !running || !plan(type, session).isEmpty();
    }

    private Plan plan(Class<?> event, String session) {
        OpenSession open = session.isEmpty() ? null : sessions.get(session);
        return (open == null ? routes : open.routes()).plan(event);
    }

    Plan plan(Delivery delivery) {
        return plan(delivery.event().getClass(), delivery.session());
    }

    Delivery publish(Event event, SendOptions options, Owner sender) {
        Context parent = Context.now();
        Delivery delivery = new Delivery(ids, waits, parent, sender.bundle(), event, options, clock.millis());
        return publish(delivery, Context.enclosing(parent));
    }

    private Delivery publish(Delivery delivery, @Nullable Delivery from) {
        return !running && hold(delivery, from) ? delivery : offer(delivery, () -> enqueue(delivery, from));
    }

    /** Keep an event until the start, unless that has come meanwhile. */
    private boolean hold(Delivery delivery, @Nullable Delivery from) {
        synchronized (holding) {
            if (running) {
                return false;
            }
            if (held.size() < settings.maxHeld()) {
                held.add(new Held(delivery, from));
            } else {
                figures.rejected();
                delivery.end(State.REJECTED, "The bus hasn't started, and holds no more events.");
            }
            return true;
        }
    }

    /** Let an event pass by filters and interceptors; what is left is its way into the queue, or past it. */
    private Delivery offer(Delivery delivery, Runnable accept) {
        figures.published();
        if (closed) {
            figures.rejected();
            return delivery.end(State.REJECTED, STOPPED);
        }
        OpenSession open = delivery.session().isEmpty() ? null : sessions.get(delivery.session());
        if (open != null) {
            open.touch();
        }
        if (plan(delivery).isEmpty()) {
            figures.unheard();
            return delivery.end(State.HANDLED);
        }
        if (delivery.isFact()) {
            accept.run();
            return delivery;
        }
        EventFilter[] asked = filters;
        if (asked.length > 0 && !passes(asked, delivery)) {
            figures.filtered();
            return delivery.end(State.FILTERED);
        }
        Interceptor[] chain = interceptors;
        if (chain.length == 0) {
            accept.run();
            return delivery;
        }
        AtomicBoolean through = new AtomicBoolean();
        try {
            around(chain, 0, delivery, () -> {
                if (through.compareAndSet(false, true)) {
                    accept.run();
                }
            });
        } catch (Throwable t) {
            if (t instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            LlmgineException failure = Failures.contain(t, "An interceptor", "the event '" + name(delivery) + "'");
            LOG.error("An interceptor failed with the event '{}'.", name(delivery), t);
            if (through.get()) {
                return delivery;
            }
            figures.rejected();
            return delivery.end(State.REJECTED, failure);
        }
        if (!through.get()) {
            figures.filtered();
            delivery.end(State.FILTERED);
        }
        return delivery;
    }

    private static String name(Delivery delivery) {
        return TypeInfo.of(delivery.event().getClass()).name();
    }

    private static void around(Interceptor[] chain, int index, Delivery delivery, Interceptor.EventChain inner)
            throws Exception {
        if (index == chain.length) {
            inner.proceed();
        } else {
            chain[index].aroundEvent(delivery.event(), delivery, () -> around(chain, index + 1, delivery, inner));
        }
    }

    private static boolean passes(EventFilter[] asked, Delivery delivery) {
        for (EventFilter filter : asked) {
            try {
                if (!filter.passes(delivery.event(), delivery)) {
                    return false;
                }
            } catch (Throwable t) {
                LOG.error("A filter failed with the event '{}', which passes.", name(delivery), t);
            }
        }
        return true;
    }

    private void enqueue(Delivery delivery, @Nullable Delivery from) {
        while (!lanes.computeIfAbsent(delivery.session(), id -> new Lane(id, this))
                .add(delivery, from)) {
            Thread.onSpinWait();
        }
    }

    /** Return an event that goes nowhere. */
    Delivery rejected(Event event, SendOptions options, Owner sender, String why) {
        figures.published();
        figures.rejected();
        return new Delivery(ids, waits, Context.now(), sender.bundle(), event, options, clock.millis())
                .end(State.REJECTED, why);
    }

    Publication publishAndWait(Event event, SendOptions options, Owner sender) {
        Context parent = Context.now();
        Delivery delivery = new Delivery(ids, waits, parent, sender.bundle(), event, options, clock.millis());
        Duration timeout = options.timeout().orElse(DEFAULT_WAIT);
        Delivery from = Context.enclosing(parent);
        if (from == null) {
            publish(delivery, null).park(timeout);
            return delivery;
        }
        if (from.session().equals(delivery.session())) {
            return nest(from, delivery, timeout);
        }
        if (!waits.enter(from.session(), delivery.session())) {
            figures.published();
            figures.rejected();
            return delivery.end(
                    State.REJECTED, "Waiting for it would never end: its session waits for the one that publishes it.");
        }
        try {
            publish(delivery, from).park(timeout);
        } finally {
            waits.leave(from.session(), delivery.session());
        }
        return delivery;
    }

    /** Handle an event at once, within the one whose handler publishes it. */
    private Delivery nest(Delivery from, Delivery delivery, Duration timeout) {
        ReentrantLock lock = from.nest();
        boolean locked = false;
        try {
            locked = lock != null && lock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.interrupted();
        }
        if (lock == null || !locked) {
            // The event that it would be nested in is over, or is busy with another one.
            return lock == null
                    ? awaited(publish(delivery, null), timeout)
                    : delivery.end(State.REJECTED, "Another nested event of its session isn't done.");
        }
        try {
            if (!from.isActive()) {
                return awaited(publish(delivery, null), timeout);
            }
            return offer(delivery, () -> {
                for (ListenerEntry[] group : plan(delivery).groups()) {
                    if (group.length > 1) {
                        callTogether(group, delivery);
                    } else {
                        LlmgineException failure = call(group[0], delivery);
                        if (failure != null) {
                            failed(group[0], delivery, failure);
                        }
                    }
                }
                finish(delivery);
            });
        } finally {
            lock.unlock();
        }
    }

    private static Delivery awaited(Delivery delivery, Duration timeout) {
        delivery.park(timeout);
        return delivery;
    }

    /** Call a listener; returns its failure, or null. */
    @Nullable LlmgineException call(ListenerEntry listener, Delivery delivery) {
        if (!listener.enter()) {
            return null;
        }
        boolean timed = figures.timesThis();
        long begun = timed ? System.nanoTime() : 0;
        try {
            Interceptor[] chain = interceptors;
            ScopedValue.where(Context.CURRENT, delivery).call(() -> {
                if (chain.length == 0) {
                    listener.handle(delivery.event(), delivery);
                } else {
                    around(chain, 0, delivery, listener);
                }
                return delivery;
            });
            return null;
        } catch (Throwable t) {
            return Failures.contain(t, listener.name(), "the event '" + name(delivery) + "'");
        } finally {
            listener.leave();
            figures.called();
            if (timed) {
                figures.timed(System.nanoTime() - begun);
            }
        }
    }

    private static void around(Interceptor[] chain, int index, Delivery delivery, ListenerEntry listener)
            throws Exception {
        if (index == chain.length) {
            listener.handle(delivery.event(), delivery);
        } else {
            chain[index].aroundListener(
                    delivery.event(), delivery, listener.name(), () -> around(chain, index + 1, delivery, listener));
        }
    }

    /** Call the listeners of one group at the same time, and wait for them as long as they may take. */
    void callTogether(ListenerEntry[] group, Delivery delivery) {
        CountDownLatch left = new CountDownLatch(group.length);
        AtomicBoolean[] ended = new AtomicBoolean[group.length];
        Thread[] threads = new Thread[group.length];
        for (int i = 0; i < group.length; i++) {
            AtomicBoolean over = new AtomicBoolean();
            ListenerEntry listener = group[i];
            ended[i] = over;
            threads[i] = Thread.ofVirtual().name("llmgine-bus").start(() -> {
                LlmgineException failure = call(listener, delivery);
                if (over.compareAndSet(false, true) && failure != null) {
                    failed(listener, delivery, failure);
                }
                left.countDown();
            });
        }
        boolean interrupted = false;
        try {
            if (left.await(settings.listenerTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (int i = 0; i < group.length; i++) {
            if (ended[i].compareAndSet(false, true)) {
                threads[i].interrupt();
                failed(group[i], delivery, Drain.tooLong(group[i], settings));
                figures.leftBehind();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Note that a listener failed with an event. Whatever happens here, the session's next events come. */
    void failed(ListenerEntry listener, Delivery delivery, LlmgineException failure) {
        figures.failed();
        delivery.failed(new Publication.Failure(listener.name(), failure));
        try {
            tellFailed(listener, delivery, failure);
        } catch (Throwable t) {
            LOG.error("The failure of '{}' could not be told.", listener.name(), t);
        }
    }

    private void tellFailed(ListenerEntry listener, Delivery delivery, LlmgineException failure) {
        Failures.log(LOG, listener, failure, "the event '" + name(delivery) + "'");
        if (policies.keepsDead(delivery.event().getClass())) {
            deadLetters.add(this, delivery, listener.name(), failure);
        }
        if (!(delivery.event() instanceof ListenerFailed)) {
            tell(
                    delivery,
                    new ListenerFailed(
                            delivery.id(),
                            name(delivery),
                            listener.name(),
                            failure.code().name(),
                            failure.getMessage()));
        }
    }

    void finish(Delivery delivery) {
        delivery.closeNest(settings.listenerTimeout());
        delivery.end(State.HANDLED);
    }

    /** Hand an event to one listener again; fails with {@code not_found} when it isn't there. */
    void redeliver(Event event, String listener, SendOptions options) {
        ListenerEntry entry = Arrays.stream(
                        plan(event.getClass(), options.session().orElse("")).groups())
                .flatMap(Arrays::stream)
                .filter(one -> one.name().equals(listener))
                .findFirst()
                .orElseThrow(
                        () -> new LlmgineException(ErrorCode.NOT_FOUND, "The listener '" + listener + "' isn't there.")
                                .withHint("Install the plugin that listens, or purge the letter."));
        Delivery delivery = new Delivery(ids, waits, Context.now(), OWN, event, options, clock.millis());
        LlmgineException failure = call(entry, delivery);
        finish(delivery);
        if (failure != null) {
            throw failure;
        }
    }
}
