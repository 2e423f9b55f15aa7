package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.StoredMessage;

class FrameworkCodecTest {
    @MessageType(value = "test/told", version = 3)
    record Told(String text, int number) implements Event {}

    record Opaque(Object lock) implements Event {}

    @Test
    void anEventIsWrittenWithAllThatBelongsToIt() {
        FrameworkCodec codec = new FrameworkCodec(new Messages(new TimerNode.Bundles()));
        AtomicReference<MessageContext> seen = new AtomicReference<>();
        try (HandBuiltBus host = new HandBuiltBus()) {
            host.face.listen(Told.class, ListenerOptions.named("listener"), (event, context) -> seen.set(context));
            host.face.publishAndWait(
                    new Told("a", 1),
                    SendOptions.inSession("sess_1")
                            .withPrincipal(Principal.SYSTEM)
                            .withIdempotencyKey("key"));
        }

        assertThat(codec.write(new Told("a", 1), Objects.requireNonNull(seen.get())))
                .isEqualTo(new StoredMessage(
                        StoredMessage.EVENT,
                        "test/told",
                        3,
                        "test.bundle",
                        Told.class.getName(),
                        "{\"text\":\"a\",\"number\":1}",
                        "sess_1",
                        Principal.SYSTEM,
                        Map.of(),
                        "key",
                        Optional.empty()));
        assertThatThrownBy(() -> codec.write(new Opaque(new Object()), Objects.requireNonNull(seen.get())))
                .isInstanceOf(LlmgineException.class)
                .hasMessageContaining("can't be stored");
    }
}
