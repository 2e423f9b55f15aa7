package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.internal.Shop.Changed;
import org.llmgine.bus.internal.Shop.Paid;
import org.llmgine.bus.internal.Shop.Placed;
import org.llmgine.bus.internal.Shop.Unnamed;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventHandler;

final class EventAdminBridgeTest {
    private final List<Event> posted = new CopyOnWriteArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final List<HostTimer.Watch> watched = new CopyOnWriteArrayList<>();
    private final HandBuiltBus host = new HandBuiltBus();
    private final EventAdminBridge bridge = new EventAdminBridge(
            new EventAdmin() {
                @Override
                public void postEvent(Event event) {
                    posted.add(event);
                }

                @Override
                public void sendEvent(Event event) {
                    throw new AssertionError("It would wait.");
                }
            },
            host.face,
            this::watch,
            nanos::get);

    @AfterEach
    void stop() {
        host.close();
    }

    private HostTimer.Registration watch(HostTimer.Watch given) {
        watched.add(given);
        return () -> watched.remove(given);
    }

    /** Let a second pass. */
    private void tick() {
        nanos.addAndGet(1_000_000_000);
        assertThat(watched.getFirst().isDue(nanos.get())).isTrue();
        watched.getFirst().act();
        assertThat(watched.getFirst().isDue(nanos.get())).isFalse();
    }

    private static FakeReference<EventHandler> handler(long id, Object topics) {
        return new FakeReference<>(id, Map.of("event.topics", topics));
    }

    private Publication publish(org.llmgine.api.bus.Event event) {
        return host.face.publishAndWait(event, SendOptions.DEFAULT);
    }

    private long unheard() {
        return host.registry.counter("llmgine_bus_events_unheard_total").getCount();
    }

    private List<String> topics() {
        return posted.stream().map(Event::getTopic).toList();
    }

    @Test
    void anEventIsPostedWithWhatIsKnownOfIt() {
        bridge.addHandler(handler(1, "*"));
        Placed event = new Placed("a");

        Publication publication = host.face.publishAndWait(
                event, SendOptions.inSession("s1").withPrincipal(new Principal("ann", java.util.Set.of())));

        assertThat(posted).hasSize(1);
        Event told = posted.getFirst();
        assertThat(told.getTopic()).isEqualTo("shop/order/placed");
        assertThat(told.getProperty("llmgine.event")).isSameAs(event);
        assertThat(told.getProperty("id")).isEqualTo(publication.id());
        assertThat(told.getProperty("session")).isEqualTo("s1");
        assertThat(told.getProperty("principal")).isEqualTo("ann");
        assertThat(told.getProperty("origin")).isEqualTo("org.example.shop");
        assertThat((Long) told.getProperty("timestamp")).isPositive();
    }

    @Test
    void withoutAHandlerNobodyListens() {
        publish(new Placed("a"));
        FakeReference<EventHandler> handler = handler(1, "*");
        bridge.addHandler(handler);
        bridge.removeHandler(handler);
        publish(new Placed("a"));

        assertThat(posted).isEmpty();
        assertThat(unheard()).isEqualTo(2);
    }

    @Test
    void onlyTopicsThatAHandlerAsksForAreListenedTo() {
        bridge.addHandler(handler(1, new String[] {"org/osgi/framework/*", "shop/order/placed"}));
        publish(new Placed("a"));
        publish(new Paid("a"));
        bridge.addHandler(handler(2, List.of("shop/stock/*")));
        publish(new Changed("a"));

        assertThat(topics()).containsExactly("shop/order/placed", "shop/stock/changed");
        assertThat(unheard()).isEqualTo(1);
    }

    @Test
    void severalHandlersGetOneEventOnce() {
        bridge.addHandler(handler(1, "shop/*"));
        bridge.addHandler(handler(2, "shop/order/*"));
        bridge.addHandler(handler(3, "shop/order/*"));
        publish(new Placed("a"));

        assertThat(posted).hasSize(1);
    }

    @Test
    void whoWantsEverythingGetsSoMuchOfItInASecond() {
        bridge.addHandler(handler(1, "*"));
        for (int i = 0; i < EventAdminBridge.MOST_OF_EVERYTHING + 5; i++) {
            publish(new Placed("a"));
        }

        assertThat(posted).hasSize(EventAdminBridge.MOST_OF_EVERYTHING);
        // What isn't handed on costs nothing: nobody listens.
        assertThat(unheard()).isEqualTo(5);
        tick();
        publish(new Placed("a"));
        assertThat(posted).hasSize(EventAdminBridge.MOST_OF_EVERYTHING + 1);
    }

    @Test
    void whoNamesTopicsGetsAllOfThemOnce() {
        bridge.addHandler(handler(1, "*"));
        bridge.addHandler(handler(2, "shop/order/placed"));
        for (int i = 0; i < EventAdminBridge.MOST_OF_EVERYTHING + 5; i++) {
            publish(new Placed("a"));
        }
        publish(new Paid("a"));

        assertThat(posted).hasSize(EventAdminBridge.MOST_OF_EVERYTHING + 6);
    }

    @Test
    void aHandlerMayChangeWhatItAsksFor() {
        Map<String, Object> properties = new HashMap<>(Map.of("event.topics", "shop/order/*"));
        FakeReference<EventHandler> handler = new FakeReference<>(1, properties);
        bridge.addHandler(handler);
        properties.put("event.topics", "shop/stock/*");
        bridge.addHandler(handler);
        publish(new Placed("a"));
        publish(new Changed("a"));

        assertThat(topics()).containsExactly("shop/stock/changed");
    }

    @Test
    void whatIsNoTopicIsLeftOut() {
        bridge.addHandler(handler(1, new String[] {"", "a//b", "shop/*"}));
        bridge.addHandler(handler(2, 17));
        publish(new Placed("a"));

        assertThat(posted).hasSize(1);
    }

    @Test
    void charactersThatEventAdminDoesntKnowAreReplaced() {
        bridge.addHandler(handler(1, "*"));
        publish(new Unnamed("a"));

        assertThat(topics()).containsExactly("org/llmgine/bus/internal/Shop_Unnamed");
    }

    @Test
    void whatFailsThereDoesntReachTheBus() {
        EventAdminBridge failing = new EventAdminBridge(
                new EventAdmin() {
                    @Override
                    public void postEvent(Event event) {
                        throw new IllegalStateException("It has stopped.");
                    }

                    @Override
                    public void sendEvent(Event event) {}
                },
                host.face,
                this::watch,
                nanos::get);
        failing.addHandler(handler(1, "*"));

        Publication publication = publish(new Placed("a"));

        assertThat(publication.state()).isEqualTo(Publication.State.HANDLED);
        assertThat(publication.failures()).isEmpty();
    }

    @Test
    void whenItEndsNobodyListensAnyMore() {
        bridge.addHandler(handler(1, "*"));
        bridge.close();
        publish(new Placed("a"));

        assertThat(posted).isEmpty();
        assertThat(unheard()).isEqualTo(1);
        assertThat(watched).isEmpty();
    }
}
