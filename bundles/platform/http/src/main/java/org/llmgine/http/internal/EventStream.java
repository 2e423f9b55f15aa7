package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.ShownEvent;
import org.llmgine.core.Commands;
import org.llmgine.core.command.FollowEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the bus' events as they happen, until the reader leaves. */
final class EventStream {
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

    private static final byte[] OPENING = ": events\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event: event\ndata: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LOST = "event: lost\ndata: {\"count\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LOST_END = "}\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Json json;
    private final Commands commands;
    private final HostTimer timer;
    private final HttpSettings settings;
    private final HttpMetrics metrics;

    EventStream(Json json, Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics) {
        this.json = json;
        this.commands = commands;
        this.timer = timer;
        this.settings = settings;
        this.metrics = metrics;
    }

    /** Follow; the events are written here, past Jersey, which finds the response committed. */
    void write(FollowEvents follow, HttpServletResponse response) {
        Cancellation left = new Cancellation();
        try (EventReader events = commands.execute(follow);
                HostTimer.Registration leaving = left.onCancel(events::close);
                HttpMetrics.OpenStream open = metrics.openStream();
                SseWriter writer =
                        new SseWriter(response, left, timer, settings.current().heartbeat())) {
            SseBuffer buffer = new SseBuffer();
            try {
                writer.send(buffer.raw(OPENING));
                while (true) {
                    switch (events.next()) {
                        case ShownEvent.Told told ->
                            buffer.raw(EVENT).raw(json.bytes(BusEvent.of(told))).raw(END);
                        case ShownEvent.Lost lost ->
                            buffer.raw(LOST).number(lost.count()).raw(LOST_END);
                    }
                    writer.send(buffer);
                }
            } catch (LlmgineException e) {
                boolean begun = writer.stopPings();
                if (!e.code().equals(ErrorCode.CANCELLED)) {
                    if (!begun) {
                        throw e;
                    }
                    LOG.error("A stream of events broke off.", e);
                }
            }
        }
    }

    @Schema(name = "Event")
    public record BusEvent(
            String id,
            String type,
            int version,
            String session,
            String principal,
            String sent,
            String origin,
            @Nullable String cause,

            @Schema(description = "the event's fields; absent when they can't be shown", types = "object")
            @JsonRawValue
            @Nullable String payload,

            @Schema(description = "why the payload isn't shown") @Nullable String problem) {
        private static BusEvent of(ShownEvent.Told told) {
            return new BusEvent(
                    told.id(),
                    told.type(),
                    told.version(),
                    told.session(),
                    told.principal(),
                    told.sent().toString(),
                    told.origin(),
                    told.cause().orElse(null),
                    told.problem().isEmpty() ? told.payload() : null,
                    told.problem().isEmpty() ? null : told.problem());
        }
    }
}
