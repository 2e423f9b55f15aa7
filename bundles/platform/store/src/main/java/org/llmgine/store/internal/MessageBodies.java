package org.llmgine.store.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.StoredTimer.Progress;

/** Writes what the bus keeps as JSON and reads it again, as {@link Bodies} does with sessions. */
final class MessageBodies {
    private final Bodies bodies = new Bodies();

    /**
     * Hold what a timer's sender gave.
     *
     * @param origin see {@link StoredTimer}
     * @param message see {@link StoredTimer}
     * @param timeout see {@link StoredTimer}
     */
    record Content(String origin, StoredMessage message, Optional<Duration> timeout) {
        static Content of(StoredTimer timer) {
            return new Content(timer.origin(), timer.message(), timer.timeout());
        }
    }

    String of(DeadLetter letter) {
        ObjectNode node = Bodies.begin("letter")
                .put("id", letter.id())
                .put("listener", letter.listener())
                .put("attempts", letter.attempts())
                .put("errorCode", letter.errorCode())
                .put("error", letter.error())
                .put("first", letter.first().toString())
                .put("last", letter.last().toString());
        put(node.putObject("message"), letter.message());
        return bodies.text(node);
    }

    DeadLetter letter(String body) {
        return bodies.read(
                "letter",
                body,
                node -> new DeadLetter(
                        Bodies.text(node, "id"),
                        message(node.required("message")),
                        Bodies.text(node, "listener"),
                        node.required("attempts").intValue(),
                        Bodies.text(node, "errorCode"),
                        Bodies.text(node, "error"),
                        Bodies.instant(node, "first"),
                        Bodies.instant(node, "last")));
    }

    String of(Content content) {
        ObjectNode node = Bodies.begin("timer").put("origin", content.origin());
        content.timeout().ifPresent(timeout -> node.put("timeoutMs", timeout.toMillis()));
        put(node.putObject("message"), content.message());
        return bodies.text(node);
    }

    Content content(String body) {
        return bodies.read(
                "timer",
                body,
                node -> new Content(
                        Bodies.text(node, "origin"),
                        message(node.required("message")),
                        Bodies.optional(node, "timeoutMs", millis -> Duration.ofMillis(millis.longValue()))));
    }

    /** Write a progress without the time when it is due, which is a column. */
    String of(Progress progress) {
        ObjectNode node = Bodies.begin("progress")
                .put("run", progress.run().toString())
                .put("attempts", progress.attempts())
                .put("parked", progress.parked())
                .put("lastError", progress.lastError());
        progress.lastRun().ifPresent(run -> node.put("lastRun", run.toString()));
        return bodies.text(node);
    }

    Progress progress(String body, Instant due) {
        return bodies.read(
                "progress",
                body,
                node -> new Progress(
                        Bodies.instant(node, "run"),
                        due,
                        node.required("attempts").intValue(),
                        Bodies.text(node, "parked"),
                        Bodies.optional(node, "lastRun", run -> Instant.parse(run.textValue())),
                        Bodies.text(node, "lastError")));
    }

    static void put(ObjectNode node, StoredMessage message) {
        node.put("kind", message.kind())
                .put("type", message.type())
                .put("version", message.version())
                .put("bundle", message.bundle())
                .put("class", message.className())
                .put("payload", message.payload())
                .put("session", message.session())
                .put("idempotencyKey", message.idempotencyKey());
        message.cause().ifPresent(cause -> node.put("cause", cause));
        node.putObject("principal").put("name", message.principal().name());
        message.principal().roles().stream().sorted().forEach(node.withArray("/principal/roles")::add);
        ObjectNode metadata = node.putObject("metadata");
        message.metadata().forEach(metadata::put);
    }

    static StoredMessage message(JsonNode node) {
        Set<String> roles = new HashSet<>();
        node.at("/principal/roles").forEach(role -> roles.add(role.textValue()));
        Map<String, String> metadata = new HashMap<>();
        node.required("metadata")
                .properties()
                .forEach(field -> metadata.put(field.getKey(), field.getValue().textValue()));
        return new StoredMessage(
                Bodies.text(node, "kind"),
                Bodies.text(node, "type"),
                node.required("version").intValue(),
                Bodies.text(node, "bundle"),
                Bodies.text(node, "class"),
                Bodies.text(node, "payload"),
                Bodies.text(node, "session"),
                new Principal(Bodies.text(node.required("principal"), "name"), roles),
                metadata,
                Bodies.text(node, "idempotencyKey"),
                Bodies.optional(node, "cause", JsonNode::textValue));
    }
}
