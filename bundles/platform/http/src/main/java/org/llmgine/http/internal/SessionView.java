package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;

/** A session as callers see it. */
@Schema(name = "Session")
public record SessionView(
        String id,
        String owner,
        String title,
        String engine,
        String model,
        String systemPrompt,

        @JsonInclude(JsonInclude.Include.ALWAYS)
        @Schema(description = "the names of the tools that turns may use; null for all the host has")
        @Nullable List<String> tools,

        SettingsView settings,

        @JsonInclude(JsonInclude.Include.ALWAYS)
        @Schema(
                types = {"string", "null"},
                description = "the message that the conversation ends with")
        @Nullable String head,

        String created,
        String updated,

        @JsonInclude(JsonInclude.Include.ALWAYS)
        @Schema(
                types = {"string", "null"},
                description = "the turn that runs, waits or is suspended")
        @Nullable String turn) {
    static SessionView of(Session session) {
        return new SessionView(
                session.id(),
                session.owner(),
                session.title(),
                session.engine(),
                session.model(),
                session.systemPrompt(),
                session.tools().orElse(null),
                SettingsView.of(session.settings()),
                session.head().orElse(null),
                session.created().toString(),
                session.updated().toString(),
                session.turn().orElse(null));
    }

    /** The options of a session's turns; of a request's body too. */
    @Schema(name = "SessionSettings", additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    public record SettingsView(
            @Schema(minimum = "1") @Nullable Integer maxTokens,
            @Schema(minimum = "0", maximum = "2") @Nullable Double temperature,
            @Schema(minimum = "0", maximum = "1") @Nullable Double topP,
            @Nullable Long seed,
            @ArraySchema(maxItems = 4) @Nullable List<String> stop,
            @Nullable String reasoningEffort,

            @Schema(
                    allowableValues = {SessionSettings.REFUSE, SessionSettings.QUEUE},
                    defaultValue = SessionSettings.REFUSE,
                    description = "what happens to a prompt while a turn is in progress")
            String whenBusy,

            @Schema(description = "how long a turn goes on while nobody reads it") @Nullable Long detachedGraceMs,

            @Schema(
                    description = "allow, ask or deny, by the tool's name; for others what the tool or the host says",
                    example = "{\"send\":\"ask\"}")
            @Nullable Map<String, String> approvals,

            @Schema(description = "further fields, for providers that know them") @Nullable Map<String, Object> extensions) {
        private static SettingsView of(SessionSettings settings) {
            return new SettingsView(
                    settings.maxTokens().isPresent() ? settings.maxTokens().getAsInt() : null,
                    settings.temperature().isPresent() ? settings.temperature().getAsDouble() : null,
                    settings.topP().isPresent() ? settings.topP().getAsDouble() : null,
                    settings.seed().isPresent() ? settings.seed().getAsLong() : null,
                    settings.stop().isEmpty() ? null : settings.stop(),
                    settings.reasoningEffort().orElse(null),
                    settings.whenBusy(),
                    settings.detachedGrace().map(Duration::toMillis).orElse(null),
                    settings.approvals().isEmpty() ? null : settings.approvals(),
                    Optional.of(settings.extensions())
                            .filter(extensions -> !extensions.isEmpty())
                            .orElse(null));
        }
    }
}
