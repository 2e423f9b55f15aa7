package org.llmgine.store.internal;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.MessageCodec;
import org.llmgine.core.spi.EventLog.Logged;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the bus' events written into the log, if it is set to: on the way of an event it only puts it into a buffer, and one thread
 * writes what is there, many at a time. What finds no room is dropped and counted.
 */
@Component(service = EventRecorder.class, immediate = true, configurationPid = EventRecorder.PID)
@Designate(ocd = EventLogConfig.class)
public final class EventRecorder implements EventListener<Event>, HostTimer.Watch {
    static final String PID = "org.llmgine.store.events";
    static final String VARIABLE = "LLMGINE_PERSIST_EVENTS";

    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final Duration BETWEEN_PURGES = Duration.ofHours(1);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration LAST_WRITE = Duration.ofSeconds(5);
    private static final String DROPPED = "llmgine_event_log_dropped_total";
    private static final String WRITTEN = "llmgine_event_log_written_total";
    private static final int AT_ONCE = 500;
    private static final int RADIX = 36;

    private final JdbcEventLog log;
    private final MessageCodec codec;
    private final MetricRegistry metrics;
    private final InstantSource clock;
    private final Duration lastWrite;
    private final Duration retention;
    private final BlockingQueue<Optional<Waiting>> buffer;
    private final Counter dropped;
    private final Counter written;
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final String run = Long.toUnsignedString(new SecureRandom().nextLong(), RADIX);
    private final @Nullable Registration listening;
    private final HostTimer.Registration purging;
    private final Thread writer;
    private long last;
    private volatile long told;
    private volatile long nextPurge = System.nanoTime();
    private volatile long nextLine = System.nanoTime();

    /** An event on its way; the buffer's end is none. */
    private record Waiting(Event event, MessageContext context) {}

    /** Begin to record, if it is wanted. */
    @Activate
    public EventRecorder(
            EventLogConfig config,
            @Reference JdbcEventLog log,
            @Reference MessageBus bus,
            @Reference MessageCodec codec,
            @Reference HostTimer timer,
            @Reference MetricRegistry metrics) {
        this(config, System.getenv(), log, bus, codec, timer, metrics, InstantSource.system(), LAST_WRITE);
    }

    EventRecorder(
            EventLogConfig config,
            Map<String, String> environment,
            JdbcEventLog log,
            MessageBus bus,
            MessageCodec codec,
            HostTimer timer,
            MetricRegistry metrics,
            InstantSource clock,
            Duration lastWrite) {
        this.log = log;
        this.codec = codec;
        this.metrics = metrics;
        this.clock = clock;
        this.lastWrite = lastWrite;
        retention = Duration.ofDays(config.eventLogRetentionDays());
        buffer = new ArrayBlockingQueue<>(config.eventLogBuffer());
        dropped = metrics.counter(DROPPED);
        written = metrics.counter(WRITTEN);
        writer = Thread.ofVirtual().name("llmgine-event-log").unstarted(this::write);
        if (isOn(config, environment)) {
            writer.start();
            listening = bus.listen(
                    Event.class,
                    ListenerOptions.named("event-log")
                            .withRanking(Integer.MIN_VALUE)
                            .withTopics(config.eventLogTopics()),
                    this);
            LOG.info("Events are kept for {} days.", config.eventLogRetentionDays());
        } else {
            listening = null;
        }
        purging = timer.watch(this);
    }

    private static boolean isOn(EventLogConfig config, Map<String, String> environment) {
        String variable = environment.getOrDefault(VARIABLE, "").strip();
        return variable.isEmpty() ? config.eventLog() : variable.equals("1") || Boolean.parseBoolean(variable);
    }

    /** Take no more, and write what waits. */
    @Deactivate
    void close() throws InterruptedException {
        purging.close();
        if (listening != null) {
            listening.close();
            closing.countDown();
            // When there is no room for the end, the writer is awake and sees that it closes.
            buffer.offer(Optional.empty());
            if (!writer.join(lastWrite)) {
                LOG.warn("The event log could not be written to its end.");
            }
            tellDropped();
        }
        metrics.remove(DROPPED);
        metrics.remove(WRITTEN);
    }

    @Override
    public void handle(Event event, MessageContext context) {
        if (!buffer.offer(Optional.of(new Waiting(event, context)))) {
            dropped.inc();
        }
    }

    private void write() {
        List<Optional<Waiting>> batch = new ArrayList<>();
        try {
            while (closing.getCount() > 0 || !buffer.isEmpty()) {
                batch.add(buffer.take());
                buffer.drainTo(batch, AT_ONCE - 1);
                List<Logged> events = batch.stream()
                        .flatMap(Optional::stream)
                        .flatMap(waiting -> logged(waiting).stream())
                        .toList();
                batch.clear();
                append(events);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Write an event in the form of the log; what is no data can't be. */
    private Optional<Logged> logged(Waiting waiting) {
        MessageContext context = waiting.context();
        try {
            return Optional.of(new Logged(
                    id(), context.id(), context.sent(), context.origin(), codec.write(waiting.event(), context)));
        } catch (RuntimeException | LinkageError e) {
            dropped.inc();
            if (refused.add(waiting.event().getClass().getName())) {
                LOG.warn("Such events are not kept: {}", e.getMessage());
            }
            return Optional.empty();
        }
    }

    /** Make an id that is greater than all before it, of all hosts whose clocks agree. */
    private String id() {
        long nanos = JdbcSessionStore.nanos(clock.instant());
        last = Math.max(last + 1, nanos);
        return "event_%016x-%s".formatted(last, run);
    }

    /**
     * Write a batch, again and again while the database is away; the buffer takes what comes meanwhile. When it can't be written
     * for another reason, such as an event that is there already or is no data, its events are tried one by one.
     */
    private void append(List<Logged> events) throws InterruptedException {
        while (!events.isEmpty()) {
            try {
                log.append(events);
                written.inc(events.size());
                return;
            } catch (LlmgineException e) {
                if (!e.code().equals(ErrorCode.UNAVAILABLE)) {
                    if (events.size() == 1) {
                        dropped.inc();
                        return;
                    }
                    for (Logged event : events) {
                        append(List.of(event));
                    }
                    return;
                }
                if (closing.await(BETWEEN_TRIES.toMillis(), TimeUnit.MILLISECONDS)) {
                    dropped.inc(events.size());
                    return;
                }
            }
        }
    }

    @Override
    public boolean isDue(long nanoTime) {
        return nanoTime - nextPurge >= 0 || (dropped.getCount() > told && nanoTime - nextLine >= 0);
    }

    @Override
    public void act() {
        long now = System.nanoTime();
        tellDropped();
        nextLine = now + BETWEEN_LINES.toNanos();
        if (now - nextPurge >= 0) {
            nextPurge = now + BETWEEN_PURGES.toNanos();
            purge();
        }
    }

    /** Remove what is too old; a log that is off may have some, too. */
    private void purge() {
        Instant oldest = clock.instant().minus(retention);
        try {
            int purged = log.purge(oldest);
            if (purged > 0) {
                LOG.info("{} events were older than {} days and are gone.", purged, retention.toDays());
            }
        } catch (LlmgineException e) {
            LOG.warn("The event log can't be purged now: {}", e.getMessage());
        }
    }

    private synchronized void tellDropped() {
        long count = dropped.getCount();
        if (count > told) {
            LOG.warn("{} events were not kept: they came faster than they were written, or can't be.", count - told);
            told = count;
        }
    }
}
