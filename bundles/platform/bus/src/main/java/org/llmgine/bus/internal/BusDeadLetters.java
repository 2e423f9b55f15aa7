package org.llmgine.bus.internal;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.StoredMessage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Sends dead letters again by the bus. */
@Component(service = DeadLetters.class)
public final class BusDeadLetters implements DeadLetters {
    private final DeadLetterBox box;
    private final Bus bus;

    @Activate
    public BusDeadLetters(@Reference BusHost host) {
        this(host.deadLetters(), host.bus());
    }

    BusDeadLetters(DeadLetterBox box, Bus bus) {
        this.box = box;
        this.bus = bus;
    }

    @Override
    public List<DeadLetter> list(String type, String after, int limit) {
        if (limit < 1 || limit > MOST) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'limit' must be from 1 to " + MOST + ".")
                    .withField("limit");
        }
        return box.store().list(type, after, limit);
    }

    @Override
    public int count() {
        return box.store().count();
    }

    @Override
    public DeadLetter get(String id) {
        return box.get(id);
    }

    @Override
    public Retried retry(String id) {
        return retry(box.get(id));
    }

    private Retried retry(DeadLetter letter) {
        StoredMessage stored = letter.message();
        SendOptions options = new SendOptions(
                Optional.of(stored.session()),
                Optional.of(stored.principal()),
                Optional.empty(),
                stored.metadata(),
                Optional.of(stored.idempotencyKey()));
        return box.retry(letter, message -> {
            switch (message) {
                case Command<?> command -> bus.resend(command, options);
                case Event event -> {
                    if (letter.listener().isEmpty()) {
                        bus.publishAndWait(event, options, Owner.NONE).orElseThrow();
                    } else {
                        bus.redeliver(event, letter.listener(), options);
                    }
                }
                default -> throw new LlmgineException(ErrorCode.INTERNAL, "It is no message.");
            }
        });
    }

    @Override
    public List<Retried> retryAll(String type) {
        return box.all(type).stream().map(this::retry).toList();
    }

    @Override
    public void purge(String id) {
        if (!box.store().remove(id)) {
            box.get(id);
        }
    }

    @Override
    public int purgeAll(String type) {
        return box.store().removeAll(type);
    }
}
