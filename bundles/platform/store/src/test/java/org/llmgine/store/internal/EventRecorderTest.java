package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.MessageCodec;
import org.llmgine.bus.StoredMessage;
import org.llmgine.core.spi.EventLog.Filter;
import org.llmgine.core.spi.EventLog.Logged;
import org.llmgine.testkit.DirectBus;
import org.llmgine.testkit.FakeSettings;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class EventRecorderTest {
    private static final Logger LOGGER = Logger.getLogger(EventRecorder.class.getName());
    private static final Instant NOW = Samples.THEN;

    private final TestDatabase database;
    private final Database opened;
    private final JdbcEventLog log;
    private final DirectBus bus = new DirectBus();
    private final ManualTimer timer = new ManualTimer();
    private final MetricRegistry metrics = new MetricRegistry();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final List<EventRecorder> recorders = new ArrayList<>();
    private final Codec codec = new Codec();

    EventRecorderTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
        opened = database.open("host_a");
        log = new JdbcEventLog(opened);
    }

    @MessageType("test/said")
    private record Said(String text) implements Event {}

    /** Writes as the bus does, waits when it is told to, and knows what is no data. */
    private static final class Codec implements MessageCodec {
        volatile CountDownLatch gate = new CountDownLatch(0);
        final CountDownLatch reached = new CountDownLatch(1);

        @Override
        public StoredMessage write(Event event, MessageContext context) {
            reached.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            String text = ((Said) event).text();
            if (text.isEmpty()) {
                throw new LlmgineException(ErrorCode.INVALID_REQUEST, "A message of that type can't be stored.");
            }
            return new StoredMessage(
                    StoredMessage.EVENT,
                    text.startsWith("b") ? "test/b" : "test/said",
                    2,
                    "test.bundle",
                    Said.class.getName(),
                    "{\"text\":\"" + text + "\"}",
                    context.session(),
                    context.principal(),
                    context.metadata(),
                    context.idempotencyKey(),
                    Optional.of("msg_0"));
        }
    }

    @BeforeEach
    void listen() {
        LOGGER.setFilter(entry -> {
            logged.add(new SimpleFormatter().formatMessage(entry));
            return false;
        });
    }

    @AfterEach
    void close() throws InterruptedException {
        for (EventRecorder recorder : recorders) {
            recorder.close();
        }
        LOGGER.setFilter(null);
        database.close();
    }

    private EventRecorder start(Map<String, Object> settings, Map<String, String> environment) {
        EventRecorder recorder = new EventRecorder(
                FakeSettings.of(EventLogConfig.class, new HashMap<>(settings)),
                environment,
                log,
                bus,
                codec,
                timer,
                metrics,
                now::get,
                Duration.ofSeconds(60));
        recorders.add(recorder);
        return recorder;
    }

    /** End it, which writes what waits. */
    private void stop(EventRecorder recorder) throws InterruptedException {
        recorders.remove(recorder);
        recorder.close();
    }

    private void say(String text, String session) {
        bus.publish(new Said(text), SendOptions.inSession(session).withPrincipal(Principal.SYSTEM));
    }

    private List<String> payloads(Filter filter, String after, int limit) {
        return log.list(filter, after, limit).stream()
                .map(event -> event.message().payload().replaceAll(".*:\"|\"}", ""))
                .toList();
    }

    private long count(String name) {
        return metrics.counter("llmgine_event_log_" + name + "_total").getCount();
    }

    @Test
    void eventsAreKeptWholeAndListedBySessionTopicTimeAndPages() throws Exception {
        EventRecorder recorder = start(Map.of("eventLog", true), Map.of());
        IntStream.range(0, 6).forEach(i -> say((i < 3 ? "a" : "b") + i, i % 2 == 0 ? "sess_1" : "sess_2"));
        stop(recorder);

        List<Logged> all = log.list(Filter.ALL, "", 99);
        assertThat(payloads(Filter.ALL, "", 99)).containsExactly("a0", "a1", "a2", "b3", "b4", "b5");
        assertThat(all.getFirst())
                .returns("test-1", Logged::eventId)
                .returns(Instant.EPOCH, Logged::time)
                .returns("test", Logged::origin);
        assertThat(all.getFirst().message())
                .isEqualTo(new StoredMessage(
                        StoredMessage.EVENT,
                        "test/said",
                        2,
                        "test.bundle",
                        Said.class.getName(),
                        "{\"text\":\"a0\"}",
                        "sess_1",
                        Principal.SYSTEM,
                        Map.of(),
                        "test-1",
                        Optional.of("msg_0")));
        assertThat(payloads(Filter.ALL, "", 2)).containsExactly("a0", "a1");
        assertThat(payloads(Filter.ALL, all.get(1).id(), 2)).containsExactly("a2", "b3");
        assertThat(payloads(new Filter("sess_2", "", Optional.empty(), Optional.empty()), "", 9))
                .containsExactly("a1", "b3", "b5");
        assertThat(payloads(new Filter("sess_2", "test/b", Optional.empty(), Optional.empty()), "", 9))
                .containsExactly("b3", "b5");
        Instant after = Instant.EPOCH.plusNanos(1);
        assertThat(payloads(new Filter("", "", Optional.of(Instant.EPOCH), Optional.of(after)), "", 9))
                .hasSize(6);
        assertThat(payloads(new Filter("", "", Optional.of(after), Optional.empty()), "", 9))
                .isEmpty();
        assertThat(payloads(new Filter("", "", Optional.empty(), Optional.of(Instant.EPOCH)), "", 9))
                .isEmpty();
        assertThat(metrics.getNames()).isEmpty();
        assertThat(timer.watches()).isZero();
    }

    @Test
    void itIsOnByChoiceOnlyAndTheVariableComesFirst() throws Exception {
        stop(start(Map.of(), Map.of()));
        for (Map<String, String> off :
                List.of(Map.of(EventRecorder.VARIABLE, "0"), Map.of(EventRecorder.VARIABLE, "false"))) {
            EventRecorder recorder = start(Map.of("eventLog", true), off);
            say("a", "sess_1");
            stop(recorder);
        }
        assertThat(log.list(Filter.ALL, "", 9)).isEmpty();

        for (String on : List.of("1", "true")) {
            EventRecorder recorder = start(Map.of(), Map.of(EventRecorder.VARIABLE, on));
            say("a", "sess_1");
            stop(recorder);
        }
        assertThat(log.list(Filter.ALL, "", 9)).hasSize(2);
        assertThat(logged).contains("Events are kept for 30 days.");
    }

    @Test
    void whatFindsNoRoomOrIsNoDataIsDroppedCountedAndLogged() throws Exception {
        EventRecorder recorder = start(Map.of("eventLog", true, "eventLogBuffer", 3), Map.of());
        codec.gate = new CountDownLatch(1);
        say("a0", "sess_1");
        assertThat(codec.reached.await(30, TimeUnit.SECONDS)).isTrue();
        IntStream.range(1, 9).forEach(i -> say("a" + i, "sess_1"));
        assertThat(count("dropped")).isEqualTo(5);
        timer.round(System.nanoTime());
        assertThat(logged.getLast())
                .isEqualTo("5 events were not kept: they came faster than they were written, or can't be.");
        assertThat(recorder.isDue(System.nanoTime())).isFalse();
        codec.gate.countDown();
        stop(recorder);
        assertThat(payloads(Filter.ALL, "", 9)).containsExactly("a0", "a1", "a2", "a3");

        now.set(NOW.plusSeconds(1));
        EventRecorder next = start(Map.of("eventLog", true), Map.of());
        say("", "sess_1");
        say("", "sess_1");
        say("z", "sess_1");
        stop(next);
        assertThat(payloads(Filter.ALL, "", 9)).endsWith("z");
        assertThat(logged).filteredOn(line -> line.startsWith("Such events")).hasSize(1);
        assertThat(logged.getLast()).startsWith("2 events were not kept");
    }

    @Test
    void whileTheDatabaseCantBeWrittenEventsWait() throws Exception {
        EventRecorder recorder = start(Map.of("eventLog", true), Map.of());
        Logger.getLogger(Database.class.getName()).setFilter(entry -> false);
        opened.write(sql -> sql.update("ALTER TABLE events RENAME TO away"));
        say("a", "sess_1");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (opened.problem().isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(opened.problem()).isPresent();

        opened.write(sql -> sql.update("ALTER TABLE away RENAME TO events"));
        while (count("written") == 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(payloads(Filter.ALL, "", 9)).containsExactly("a");

        opened.write(sql -> sql.update("ALTER TABLE events RENAME TO away"));
        recorder.act();
        assertThat(logged.getLast()).startsWith("The event log can't be purged now: ");
        say("b", "sess_1");
        stop(recorder);
        assertThat(logged.getLast()).startsWith("1 events were not kept");
        Logger.getLogger(Database.class.getName()).setFilter(null);
    }

    @Test
    void whatIsTooOldIsPurgedEachHour() throws Exception {
        EventRecorder recorder = start(Map.of("eventLog", true, "eventLogRetentionDays", 7), Map.of());
        say("a", "sess_1");
        stop(recorder);
        now.set(Instant.EPOCH.plus(Duration.ofDays(7)));
        EventRecorder next = start(Map.of("eventLogRetentionDays", 7), Map.of());
        timer.round(System.nanoTime());
        assertThat(log.list(Filter.ALL, "", 9)).hasSize(1);

        now.set(Instant.EPOCH.plus(Duration.ofDays(8)));
        assertThat(next.isDue(System.nanoTime())).isFalse();
        assertThat(next.isDue(System.nanoTime() + TimeUnit.MINUTES.toNanos(61))).isTrue();
        stop(next);
        start(Map.of("eventLogRetentionDays", 7), Map.of());
        timer.round(System.nanoTime());
        assertThat(log.list(Filter.ALL, "", 9)).isEmpty();
        assertThat(logged.getLast()).isEqualTo("1 events were older than 7 days and are gone.");
    }
}
