package org.llmgine.http.internal;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.llmgine.core.session.BranchPoint;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.session.TurnDraft;

/** Understands the bodies of requests for sessions; every complaint names the field. */
final class SessionRequestReader {
    private final Json json;

    SessionRequestReader(Json json) {
        this.json = json;
    }

    /** Read what a session is to be; null for {@code tools} means all, and for any other field nothing. */
    SessionDraft draft(At body) {
        At tools = body.get("tools");
        return new SessionDraft(
                body.get("title").optional().map(At::label),
                body.get("engine").optional().map(At::label),
                body.get("model").optional().map(At::label),
                body.get("systemPrompt").optional().map(At::string),
                tools.node().isMissingNode()
                        ? Optional.empty()
                        : Optional.of(tools.optional().map(SessionRequestReader::tools)),
                body.get("settings").optional().map(this::settings));
    }

    Optional<BranchPoint> from(At body) {
        return body.get("from").optional().map(from -> {
            from.object().only("session", "message");
            return new BranchPoint(
                    from.get("session").label(), from.get("message").label());
        });
    }

    TurnRequest turn(At body) {
        body.only("prompt", "replaces", "stream", "detach");
        Optional<String> replaces = body.get("replaces").optional().map(At::label);
        At prompt = body.get("prompt");
        TurnDraft draft = new TurnDraft(
                replaces.isPresent() && !prompt.given() ? List.of() : ContentReader.any(prompt), replaces);
        boolean detach = body.get("detach").optional().map(At::bool).orElse(false);
        At stream = body.get("stream");
        boolean streamed = stream.optional().map(At::bool).orElse(!detach);
        if (detach && streamed) {
            throw stream.invalid("can't be true together with detach");
        }
        return new TurnRequest(draft, streamed, detach);
    }

    private static List<String> tools(At at) {
        return at.items().stream().map(At::label).distinct().toList();
    }

    private SessionSettings settings(At at) {
        at.object()
                .only(
                        "maxTokens",
                        "temperature",
                        "topP",
                        "seed",
                        "stop",
                        "reasoningEffort",
                        "whenBusy",
                        "detachedGraceMs",
                        "approvals",
                        "extensions");
        return new SessionSettings(
                at.get("maxTokens")
                        .optional()
                        .map(it -> OptionalInt.of(it.integer(1)))
                        .orElse(OptionalInt.empty()),
                at.get("temperature")
                        .optional()
                        .map(it -> OptionalDouble.of(Sampling.temperature(it)))
                        .orElse(OptionalDouble.empty()),
                at.get("topP")
                        .optional()
                        .map(it -> OptionalDouble.of(Sampling.topP(it)))
                        .orElse(OptionalDouble.empty()),
                at.get("seed")
                        .optional()
                        .map(it -> OptionalLong.of(it.wholeNumber()))
                        .orElse(OptionalLong.empty()),
                at.get("stop").optional().map(Sampling::stop).orElse(List.of()),
                at.get("reasoningEffort").optional().map(At::label),
                at.get("whenBusy")
                        .optional()
                        .map(it -> it.oneOf(SessionSettings.REFUSE, SessionSettings.QUEUE))
                        .orElse(SessionSettings.REFUSE),
                at.get("detachedGraceMs").optional().map(it -> Duration.ofMillis(it.integer(0))),
                at.get("approvals")
                        .optional()
                        .map(SessionRequestReader::approvals)
                        .orElse(Map.of()),
                at.get("extensions").optional().map(this::extensions).orElse(Map.of()));
    }

    private static Map<String, String> approvals(At at) {
        Map<String, String> approvals = new LinkedHashMap<>();
        at.object()
                .fields((tool, word) -> approvals.put(
                        tool, word.oneOf(SessionSettings.ALLOW, SessionSettings.ASK, SessionSettings.DENY)));
        return approvals;
    }

    private Map<String, Object> extensions(At at) {
        Map<String, Object> extensions = new LinkedHashMap<>();
        at.object().fields((name, value) -> {
            if (!value.given()) {
                return;
            }
            ChatField field = ChatField.named(name);
            if (field != null && field.rule() == ChatField.Rule.HONOURED) {
                throw value.invalid("is no extension");
            }
            if (field != null && field.rule() == ChatField.Rule.REFUSED) {
                throw field.refusal(value);
            }
            if (extensions.size() == ChatRequestReader.MAX_EXTENSIONS) {
                throw at.invalid("must have at most " + ChatRequestReader.MAX_EXTENSIONS + " fields");
            }
            extensions.put(name, json.plain(value.node()));
        });
        return extensions;
    }

    /**
     * A turn as it is asked for.
     *
     * @param draft what it is to answer
     * @param stream whether its events are sent as they come; otherwise its end is waited for
     * @param detach whether nothing is waited for
     */
    record TurnRequest(TurnDraft draft, boolean stream, boolean detach) {}
}
