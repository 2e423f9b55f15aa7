package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.spi.DeadLetterStore;

/** What the bus counts and times. */
class BusMetricsTest {
    private static final String TYPE = "{type=\"test/metrics/ask\"}";
    private static final SendOptions A = SendOptions.inSession("a");

    private final TestBus test = new TestBus();

    @MessageType("test/metrics/ask")
    record Ask(boolean well) implements Command<Void> {}

    @MessageType("test/metrics/said")
    record Said() implements Event {}

    @AfterEach
    void stop() {
        test.close();
    }

    private void handle() {
        test.own.handle(Ask.class, (command, context) -> {
            if (!command.well()) {
                throw new LlmgineException(ErrorCode.UNAVAILABLE, "No.");
            }
            return null;
        });
    }

    @Test
    void commandsAreCountedByTypeAndTimed() {
        handle();

        test.own.execute(new Ask(true));
        test.own.execute(new Ask(true));
        test.own.execute(new Ask(false));

        assertThat(test.counter("commands_sent_total" + TYPE)).isEqualTo(3);
        assertThat(test.counter("commands_failed_total" + TYPE)).isEqualTo(1);
        Timer durations = test.metrics.timer("llmgine_bus_command_processing_duration_seconds" + TYPE);
        Snapshot times = durations.getSnapshot();
        assertThat(durations.getCount()).isEqualTo(3);
        assertThat(times.getMedian()).isPositive().isLessThanOrEqualTo(times.get99thPercentile());
    }

    @Test
    void eventsAreCountedWhenPublishedAndForEachListener() {
        test.listen(Said.class, (event, context) -> {});
        test.listen(Said.class, (event, context) -> {
            throw new IllegalStateException();
        });

        test.own.publishAndWait(new Said(), A);

        assertThat(test.counter("events_processed_total")).isEqualTo(2);
        assertThat(test.counter("events_failed_total")).isEqualTo(1);
        assertThat(test.counter("events_published_total"))
                .as("with the news of the failure")
                .isEqualTo(2);
    }

    @Test
    void oneEventOfSixteenIsTimed() {
        test.listen(Said.class, (event, context) -> {});
        for (int i = 0; i < 2000; i++) {
            test.own.publishAndWait(new Said(), A);
        }

        assertThat(test.metrics
                        .timer("llmgine_bus_event_processing_duration_seconds")
                        .getCount())
                .isBetween(60L, 250L);
    }

    @Test
    void theQueuesGaugeRisesAndFallsBack() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        test.listen(Said.class, (event, context) -> {
            inside.countDown();
            gate.await();
        });
        for (int i = 0; i < 4; i++) {
            test.own.publish(new Said(), A);
        }
        inside.await();

        assertThat(test.gauge("queue_size")).isEqualTo(3);
        gate.countDown();
        TestBus.await(() -> test.gauge("queue_size").equals(0));
    }

    @Test
    void theHandlersGaugeFollowsRegistrations() {
        handle();
        Registration listener = test.listen(Said.class, (event, context) -> {});
        assertThat(test.gauge("registered_handlers")).isEqualTo(2);

        listener.close();

        assertThat(test.gauge("registered_handlers")).isEqualTo(1);
    }

    @Test
    void theDeadLettersGaugeCountsThem() {
        test.policies.rules(List.of(PolicyTest.policy(0, 0, "test/*")));
        handle();
        test.own.execute(new Ask(false));

        assertThat(test.gauge("dead_letter_queue_size")).isEqualTo(1);
        assertThat(test.counter("dead_lettered_total")).isEqualTo(1);
        test.deadLetters.purgeAll("");
        assertThat(test.gauge("dead_letter_queue_size")).isEqualTo(0);
    }

    @Test
    void aStoreThatIsAwayIsNoReasonToFailForWhoReadsTheFigures() {
        DeadLetterStore away = new DeadLetterStore() {
            private final InMemoryDeadLetters none = new InMemoryDeadLetters();

            @Override
            public void put(DeadLetter letter) {
                throw new LlmgineException(ErrorCode.UNAVAILABLE, "Away.");
            }

            @Override
            public Optional<DeadLetter> find(String id) {
                return none.find(id);
            }

            @Override
            public List<DeadLetter> list(String type, String after, int limit) {
                return none.list(type, after, limit);
            }

            @Override
            public int count() {
                throw new LlmgineException(ErrorCode.UNAVAILABLE, "Away.");
            }

            @Override
            public boolean remove(String id) {
                return none.remove(id);
            }

            @Override
            public int removeAll(String type) {
                return none.removeAll(type);
            }
        };
        DeadLetterBox box = new DeadLetterBox(away, new Messages(test.bundles), InstantSource.system(), test.figures);

        assertThat(box.size()).isEqualTo(-1);
    }

    @Test
    void everyListenerGetsTheVeryEventOnce() {
        AtomicReference<Event> got = new AtomicReference<>();
        test.listen(
                Event.class,
                (event, context) -> assertThat(got.compareAndSet(null, event)).isTrue());
        Said said = new Said();

        test.own.publishAndWait(said, A).orElseThrow();

        assertThat(got.get()).isSameAs(said);
    }

    @Test
    void nothingIsLeftInTheRegistryWhenTheBusHasStopped() {
        handle();
        test.own.execute(new Ask(true));
        assertThat(test.metrics.getNames()).isNotEmpty();

        test.close();

        assertThat(test.metrics.getNames()).isEmpty();
    }
}
