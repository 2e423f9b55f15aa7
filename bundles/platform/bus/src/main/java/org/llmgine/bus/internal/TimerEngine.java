package org.llmgine.bus.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Schedule;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.api.bus.Timers;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.StoredTimer.Progress;
import org.llmgine.bus.spi.TimerStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs timers: claims those that are due, and sends each one's message on a virtual thread of its own.
 *
 * <p>It looks at the store when the next timer that it knows of is due, and every few seconds for those of other hosts. What a
 * run came to is written while its claim holds; if that fails it is tried again at every look.
 */
final class TimerEngine implements HostTimer.Watch {
    static final Duration LOOK = Duration.ofSeconds(5);
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration PARKED = Duration.ofSeconds(30);
    static final int AT_ONCE = 100;
    static final int ATTEMPTS = 4;

    private static final Logger LOG = LoggerFactory.getLogger(TimerEngine.class);
    private static final Pattern NAME = Pattern.compile("(?!timer_)[\\w./-]{0,200}");
    private static final Duration COMMAND_TIMEOUT = Duration.ofHours(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final int PAUSE_FACTOR = 4;
    private static final int LONGEST_TEXT = 1000;
    private static final Duration RENEWAL = LEASE.dividedBy(3);
    /** How long a timer waits for the one before it. */
    private static final Duration TURN = Duration.ofSeconds(30);

    private final Ids ids = new Ids();
    private final String holder = "host_" + unique();
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> turns = new ConcurrentHashMap<>();
    private final AtomicLong wake = new AtomicLong(Long.MIN_VALUE);
    private final AtomicBoolean unpark = new AtomicBoolean();
    private final Object ended = new Object();
    private final TimerStore store;
    private final Bus bus;
    private final Messages messages;
    private final DeadLetterBox deadLetters;
    private final InstantSource clock;
    private Instant renewed = Instant.EPOCH;
    private boolean failing;
    private volatile long looked = System.nanoTime();
    private volatile boolean closed;

    /** What a run came to. */
    private record Outcome(Optional<Progress> next) {}

    /** The context of a message that is stored now, or is given up. */
    private static final class Scheduled extends Context {
        private final Optional<String> cause;

        Scheduled(Ids ids, @Nullable Context parent, Owner origin, SendOptions options, InstantSource clock) {
            super(ids, parent, origin.bundle(), options, clock.millis());
            cause = Optional.ofNullable(parent).map(Context::id);
        }

        @Override
        public Optional<String> cause() {
            return cause;
        }
    }

    /** A timer that this host runs. */
    private final class Run implements Runnable {
        private final StoredTimer timer;
        private final Instant begun = now();
        private final @Nullable CountDownLatch before;
        private final CountDownLatch turn = new CountDownLatch(1);
        private volatile @Nullable Outcome outcome;

        Run(StoredTimer timer) {
            this.timer = timer;
            before = turns.put(timer.message().session(), turn);
        }

        @Override
        public void run() {
            try {
                outcome = fire();
            } catch (Throwable t) {
                outcome = parked(timer, Failures.contain(t, timer.id(), "its message"));
            } finally {
                passTurn();
            }
            settle(this);
        }

        private Outcome fire() throws InterruptedException {
            Schedule schedule = Schedule.parse(timer.schedule());
            Object message = messages.read(timer.message());
            // What is wrong with a cron expression is told before anything is sent.
            Times.next(schedule, timer.progress().run(), begun);
            if (before != null && !before.await(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("The timer {} doesn't wait any longer for the one before it.", timer.id());
            }
            return switch (message) {
                case Command<?> command -> execute(command, schedule);
                case Event event -> publish(event, schedule);
                default -> throw new LlmgineException(ErrorCode.INTERNAL, "It is no message.");
            };
        }

        private void passTurn() {
            turn.countDown();
            turns.remove(timer.message().session(), turn);
        }

        private Outcome execute(Command<?> command, Schedule schedule) {
            passTurn();
            if (!bus.isHandled(command.getClass(), timer.message().session())) {
                return parked(
                        timer,
                        new LlmgineException(
                                ErrorCode.UNAVAILABLE,
                                "Nobody handles the command '" + timer.message().type() + "'."));
            }
            LlmgineException failure =
                    bus.execute(command, options(timer), owner()).failure().orElse(null);
            if (failure == null) {
                return done(schedule, "");
            }
            // What has a policy was retried by it, and is kept by it.
            return bus.keepsDead(command.getClass())
                    ? done(schedule, failure.getMessage())
                    : failed(command, schedule, failure);
        }

        private Outcome publish(Event event, Schedule schedule) {
            Publication publication = bus.publish(event, options(timer), owner());
            passTurn();
            while (!publication.await(TURN)) {
                // It is queued, and its listeners have time limits: that ends.
                LOG.debug("The timer {} waits for its event's listeners.", timer.id());
            }
            return switch (publication.state()) {
                case DROPPED, REJECTED ->
                    failed(event, schedule, new LlmgineException(ErrorCode.OVERLOADED, publication.reason()));
                default ->
                    done(
                            schedule,
                            publication.failures().stream()
                                    .map(failed -> "'" + failed.listener() + "': "
                                            + failed.failure().getMessage())
                                    .collect(Collectors.joining(" ")));
            };
        }

        private Owner owner() {
            return new Owner(timer.origin(), null);
        }

        private Outcome failed(Object message, Schedule schedule, LlmgineException failure) {
            Progress at = timer.progress();
            int attempts = at.attempts() + 1;
            if (attempts < ATTEMPTS) {
                Instant due = now().plus(FIRST_PAUSE.multipliedBy((long) Math.pow(PAUSE_FACTOR, attempts - 1)));
                return new Outcome(Optional.of(
                        new Progress(at.run(), due, attempts, "", Optional.of(begun), brief(failure.getMessage()))));
            }
            Context context = new Scheduled(ids, null, owner(), options(timer), clock);
            deadLetters.add(bus, context, message, timer.message().kind(), "", attempts, failure);
            return done(schedule, failure.getMessage());
        }

        private Outcome done(Schedule schedule, String error) {
            return new Outcome(Times.next(schedule, timer.progress().run(), now())
                    .map(next -> new Progress(next, next, 0, "", Optional.of(begun), brief(error))));
        }
    }

    TimerEngine(TimerStore store, Bus bus, Messages messages, DeadLetterBox deadLetters, InstantSource clock) {
        this.store = store;
        this.bus = bus;
        this.messages = messages;
        this.deadLetters = deadLetters;
        this.clock = clock;
    }

    private String unique() {
        return ids.next().substring("msg_".length());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    // ---- what users ask for ----------------------------------------------------------------------------------------

    TimerEntry schedule(Owner owner, String name, Schedule schedule, Object message, String kind, SendOptions options) {
        if (closed) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The timers have stopped.");
        }
        if (!NAME.matcher(name).matches()) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "'name' must be up to 200 letters, digits and . _ / - and not begin with 'timer_'.")
                    .withField("name");
        }
        Progress first = Progress.first(Times.first(schedule, now()));
        SendOptions keyed = options.withIdempotencyKey(options.idempotencyKey().orElse(""));
        StoredMessage content = store(new Scheduled(ids, Context.now(), owner, keyed, clock), message, kind);
        StoredTimer stored = store.put(new StoredTimer(
                "timer_" + unique(),
                name,
                owner.bundle(),
                schedule.text(),
                content,
                options.timeout().map(timeout -> Duration.ofMillis(Math.max(1, timeout.toMillis()))),
                first,
                Optional.empty()));
        wakeAt(stored.progress().due().toEpochMilli());
        return entry(stored);
    }

    private StoredMessage store(Context context, Object message, String kind) {
        try {
            StoredMessage content = messages.store(context, message, kind);
            if (content.bundle().isEmpty()) {
                throw new LlmgineException(
                        ErrorCode.INVALID_REQUEST,
                        "The type '" + content.type() + "' is in no bundle, and couldn't be read again.");
            }
            return content;
        } catch (LlmgineException e) {
            throw e.withField(kind);
        }
    }

    List<TimerEntry> list(String after, int limit) {
        if (limit < 1 || limit > Timers.MOST) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'limit' must be from 1 to " + Timers.MOST + ".")
                    .withField("limit");
        }
        return store.list(after, limit).stream().map(this::entry).toList();
    }

    Optional<TimerEntry> find(String idOrName) {
        return store.find(idOrName).map(this::entry);
    }

    boolean cancel(String idOrName) {
        return store.find(idOrName).map(timer -> store.remove(timer.id())).orElse(false);
    }

    private TimerEntry entry(StoredTimer timer) {
        StoredMessage message = timer.message();
        Progress progress = timer.progress();
        TimerEntry.State idle = progress.parked().isEmpty() ? TimerEntry.State.WAITING : TimerEntry.State.PARKED;
        boolean claimed =
                timer.claim().filter(claim -> claim.until().isAfter(now())).isPresent();
        return new TimerEntry(
                timer.id(),
                timer.name(),
                timer.origin(),
                message.kind(),
                message.type(),
                message.session(),
                message.principal(),
                timer.schedule(),
                progress.due(),
                progress.attempts(),
                progress.lastRun(),
                progress.lastError(),
                claimed ? TimerEntry.State.CLAIMED : idle,
                progress.parked(),
                key(timer));
    }

    private static String key(StoredTimer timer) {
        String given = timer.message().idempotencyKey();
        return (given.isEmpty() ? timer.id() : given) + "@" + timer.progress().run();
    }

    // ---- rounds ----------------------------------------------------------------------------------------------------

    private void wakeAt(long millis) {
        wake.accumulateAndGet(millis, Math::min);
    }

    /** Try what is parked: a bundle has started. */
    void bundleStarted() {
        unpark.set(true);
        wakeAt(Long.MIN_VALUE);
    }

    @Override
    public boolean isDue(long nanoTime) {
        // Looked at by the other clock, too: that of the wall may be put back.
        boolean due = bus.isRunning() && (clock.millis() >= wake.get() || nanoTime - looked >= LOOK.toNanos());
        if (due) {
            looked = nanoTime;
        }
        return due;
    }

    @Override
    public synchronized void act() {
        // Before the store is read: what is put there from now on wakes it again.
        wake.set(Long.MAX_VALUE);
        Instant now = now();
        Instant next = now.plus(LOOK);
        try {
            runs.values().forEach(this::settle);
            renew(now);
            if (!closed) {
                Optional<Instant> due = claim(now);
                next = due.filter(next::isAfter).orElse(next);
            }
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                LOG.error("Timers can't be run while their store fails.", e);
            }
            failing = true;
        }
        wakeAt(next.toEpochMilli());
    }

    /** Prolong the claims before they are over, which is before what is claimed by nobody is looked for. */
    private void renew(Instant now) {
        if (now.isBefore(renewed.plus(RENEWAL))) {
            return;
        }
        Set<String> ours = Set.copyOf(runs.keySet());
        if (!ours.isEmpty()) {
            Set<String> kept = store.renew(holder, ours, now.plus(LEASE));
            ours.stream()
                    .filter(id -> !kept.contains(id) && runs.containsKey(id))
                    .forEach(id -> LOG.warn("The timer {} was cancelled or taken over while it runs.", id));
        }
        renewed = now;
    }

    /** Start what is due; returns when something will be. */
    private Optional<Instant> claim(Instant now) {
        if (unpark.getAndSet(false)) {
            try {
                store.unpark(now);
            } catch (RuntimeException e) {
                unpark.set(true);
                throw e;
            }
        }
        int room = AT_ONCE - runs.size();
        if (room <= 0) {
            return Optional.empty();
        }
        for (StoredTimer timer : store.claim(holder, now, now.plus(LEASE), room)) {
            Run run = new Run(timer);
            runs.put(timer.id(), run);
            Thread.ofVirtual().name("llmgine-timer-run").start(run);
        }
        return store.nextDue();
    }

    private SendOptions options(StoredTimer timer) {
        StoredMessage message = timer.message();
        return new SendOptions(
                Optional.of(message.session()),
                Optional.of(message.principal()),
                Optional.of(timer.timeout().orElse(COMMAND_TIMEOUT)),
                message.metadata(),
                Optional.of(key(timer)));
    }

    private Outcome parked(StoredTimer timer, LlmgineException why) {
        Progress at = timer.progress();
        if (at.parked().isEmpty()) {
            LOG.warn("The timer {} has to wait: {}", timer.id(), why.getMessage());
        }
        return new Outcome(Optional.of(new Progress(
                at.run(), now().plus(PARKED), at.attempts(), brief(why.getMessage()), at.lastRun(), at.lastError())));
    }

    private static String brief(String text) {
        return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
    }

    /** Write what a run came to, if it is over. */
    private void settle(Run run) {
        String id = run.timer.id();
        synchronized (run) {
            Outcome outcome = run.outcome;
            if (outcome == null || runs.get(id) != run) {
                return;
            }
            try {
                if (!store.complete(id, holder, outcome.next)) {
                    LOG.info("The timer {} was cancelled or taken over while it ran.", id);
                }
            } catch (RuntimeException e) {
                LOG.warn("What became of the timer {} can't be stored yet: {}", id, e.getMessage());
                return;
            }
            boolean full = runs.size() >= AT_ONCE;
            // It may have been claimed again by now.
            runs.remove(id, run);
            outcome.next.ifPresent(next -> wakeAt(next.due().toEpochMilli()));
            if (full) {
                wakeAt(Long.MIN_VALUE);
            }
        }
        synchronized (ended) {
            ended.notifyAll();
        }
    }

    /** Wait until nothing runs. */
    boolean awaitIdle(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (ended) {
            while (!runs.isEmpty()) {
                long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
                if (left <= 0) {
                    return false;
                }
                try {
                    ended.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Run nothing more, wait for what runs, and give back what doesn't end in time. The watch has to go on meanwhile. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        if (!awaitIdle(bus.settings().drainTimeout())) {
            LOG.warn("{} timers still run: the time to wait is over. They will be run again.", runs.size());
        }
        try {
            store.release(holder);
        } catch (RuntimeException e) {
            LOG.warn("The claims of timers can't be given back, and end by themselves: {}", e.getMessage());
        }
    }
}
