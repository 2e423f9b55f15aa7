package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Secret;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.EventFeed;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.ShownEvent;
import org.llmgine.bus.ShownEvent.Lost;
import org.llmgine.bus.ShownEvent.Told;
import org.llmgine.bus.internal.Shop.Changed;
import org.llmgine.bus.internal.Shop.Paid;
import org.llmgine.bus.internal.Shop.Placed;

@Timeout(60)
final class EventFeedTest {
    private final TestBus host = new TestBus();
    private final BusEventFeed feed = new BusEventFeed(host.own);

    @MessageType(value = "shop/audit", version = 3)
    record Rich(Instant at, Duration took, Optional<String> by, List<String> tags) implements Event {}

    record Broken(String what) implements Event {
        @Override
        public String what() {
            throw new IllegalStateException("No.");
        }
    }

    record Round(List<Object> items) implements Event {}

    @Secret
    @MessageType("shop/door/opened")
    record Opened(String code) implements Event {}

    @Secret
    @MessageType("shop/door/open")
    record Open(String code) implements Command<String> {}

    @AfterEach
    void stop() {
        feed.close();
        host.close();
    }

    private Publication publish(Event event, SendOptions options) {
        return host.own.publishAndWait(event, options);
    }

    private static EventSelection topics(String... topics) {
        return new EventSelection(List.of(topics), "", "");
    }

    private static Told told(EventReader reader) {
        return (Told) reader.next();
    }

    @Test
    void anEventIsShownWithAllThatIsKnownOfIt() {
        try (EventReader reader = feed.follow(EventSelection.ALL)) {
            Rich event = new Rich(TestBus.NOW, Duration.ofMillis(1500), Optional.empty(), List.of("a", "b"));
            Publication publication =
                    publish(event, SendOptions.inSession("s1").withPrincipal(new Principal("ann", Set.of())));

            assertThat(reader.next())
                    .isEqualTo(new Told(
                            publication.id(),
                            "shop/audit",
                            3,
                            "s1",
                            "ann",
                            TestBus.NOW,
                            "test.bundle",
                            Optional.empty(),
                            "{\"at\":\"2026-11-28T12:00:00Z\",\"took\":\"PT1.5S\",\"by\":null,\"tags\":[\"a\",\"b\"]}",
                            ""));
        }
    }

    @Test
    void whatCausedItIsNamed() {
        host.own.handle(Shop.Place.class, (command, context) -> {
            host.own.publish(new Placed(context.id()));
            return "";
        });
        try (EventReader reader = feed.follow(topics("shop/order/*"))) {
            String id = host.own.execute(new Shop.Place("a")).commandId();

            Told told = told(reader);

            assertThat(told.cause()).contains(id);
            assertThat(told.payload()).isEqualTo("{\"what\":\"" + id + "\"}");
        }
    }

    @Test
    void theSelectionLeavesTheOthersOut() {
        Principal ann = new Principal("ann", Set.of());
        try (EventReader topic = feed.follow(topics("shop/order/*", "shop/closed"));
                EventReader session = feed.follow(new EventSelection(List.of(), "s1", ""));
                EventReader principal = feed.follow(new EventSelection(List.of("shop/order/paid"), "", "ann"))) {
            publish(new Changed("a"), SendOptions.DEFAULT);
            publish(new Placed("b"), SendOptions.inSession("s1").withPrincipal(ann));
            publish(new Paid("c"), SendOptions.inSession("s2").withPrincipal(ann));

            assertThat(told(topic).payload()).isEqualTo("{\"what\":\"b\"}");
            assertThat(told(topic).payload()).isEqualTo("{\"what\":\"c\"}");
            assertThat(told(session).payload()).isEqualTo("{\"what\":\"b\"}");
            assertThat(told(principal).payload()).isEqualTo("{\"what\":\"c\"}");
        }
    }

    @Test
    void aTopicThatIsNoneIsRefused() {
        assertThatThrownBy(() -> feed.follow(topics("shop//order")))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.field()).contains("topic");
                });
    }

    @Test
    void contentThatCantBeWrittenIsShownAsSuch() {
        try (EventReader reader = feed.follow(EventSelection.ALL)) {
            List<Object> round = new ArrayList<>();
            round.add(round);
            publish(new Broken("a"), SendOptions.DEFAULT);
            publish(new Round(round), SendOptions.DEFAULT);
            publish(new Placed("a"), SendOptions.DEFAULT);

            for (int i = 0; i < 2; i++) {
                Told told = told(reader);
                assertThat(told.payload()).isEmpty();
                assertThat(told.problem()).isEqualTo("Its content can't be written as JSON.");
            }
            assertThat(told(reader).payload()).isEqualTo("{\"what\":\"a\"}");
        }
    }

    @Test
    void aSecretIsNeitherShownNorStored() {
        host.policies.rules(List.of(new MessagePolicy(
                List.of(new TopicPattern("*")),
                0,
                Duration.ZERO,
                Duration.ZERO,
                false,
                0,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                true)));
        host.own.handle(Open.class, (command, context) -> {
            throw new LlmgineException(ErrorCode.FORBIDDEN, "No.");
        });
        try (EventReader reader = feed.follow(topics("shop/door/*"))) {
            publish(new Opened("1234"), SendOptions.DEFAULT);

            Told told = told(reader);

            assertThat(told.payload()).isEmpty();
            assertThat(told.problem()).isEqualTo("It holds a secret.");
        }
        assertThat(host.own.execute(new Open("1234")).succeeded()).isFalse();
        assertThat(host.deadLetters.count()).isZero();
    }

    @Test
    void whoReadsTooSlowlyLosesEventsAndIsToldHowManyWhere() {
        try (EventReader slow = feed.follow(EventSelection.ALL)) {
            for (int i = 0; i < EventFeed.MOST + 3; i++) {
                assertThat(publish(new Placed("p" + i), SendOptions.DEFAULT).state())
                        .isEqualTo(Publication.State.HANDLED);
            }
            assertThat(told(slow).payload()).contains("p0");
            publish(new Placed("late"), SendOptions.DEFAULT);
            publish(new Placed("lost"), SendOptions.DEFAULT);

            List<ShownEvent> read = new ArrayList<>();
            for (int i = 0; i < EventFeed.MOST + 2; i++) {
                read.add(slow.next());
            }

            assertThat(read.get(EventFeed.MOST - 2))
                    .isInstanceOfSatisfying(
                            Told.class, told -> assertThat(told.payload()).contains("p" + (EventFeed.MOST - 1)));
            assertThat(read.get(EventFeed.MOST - 1)).isEqualTo(new Lost(3));
            assertThat(read.get(EventFeed.MOST))
                    .isInstanceOfSatisfying(
                            Told.class, told -> assertThat(told.payload()).contains("late"));
            assertThat(read.get(EventFeed.MOST + 1)).isEqualTo(new Lost(1));
        }
    }

    @Test
    void nothingListensWhileNobodyFollows() {
        publish(new Placed("a"), SendOptions.DEFAULT);
        feed.follow(EventSelection.ALL).close();
        publish(new Placed("b"), SendOptions.DEFAULT);

        assertThat(host.counter("events_unheard_total")).isEqualTo(2);
    }

    @Test
    void itIsTheLastToHear() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        host.own.listen(
                Placed.class, ListenerOptions.named("slow").withRanking(-5), (event, context) -> release.await());
        try (EventReader reader = feed.follow(EventSelection.ALL)) {
            Publication publication = host.own.publish(new Placed("a"));
            CompletableFuture<ShownEvent> read =
                    CompletableFuture.supplyAsync(reader::next, Thread::startVirtualThread);
            assertThat(publication.state()).isEqualTo(Publication.State.ACCEPTED);
            assertThat(read).isNotDone();
            release.countDown();

            assertThat(read.get()).isInstanceOf(Told.class);
        }
    }

    @Test
    void closingEndsABlockedReader() {
        EventReader reader = feed.follow(EventSelection.ALL);
        CompletableFuture<ShownEvent> read = CompletableFuture.supplyAsync(reader::next, Thread::startVirtualThread);

        feed.close();

        assertThatThrownBy(read::join)
                .cause()
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        reader.close();
    }

    @Test
    void anInterruptEndsABlockedReader() {
        try (EventReader reader = feed.follow(EventSelection.ALL)) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(reader::next)
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
