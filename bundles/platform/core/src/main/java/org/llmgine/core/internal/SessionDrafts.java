package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionSettings;

/** Checks what a session is asked to be. */
final class SessionDrafts {
    private static final int MAX_TITLE = 200;
    private static final int MAX_SYSTEM_PROMPT = 200_000;
    private static final int MAX_LISTED = 1_000;
    private static final int MAX_WORD = 1_000;
    private static final double MAX_TEMPERATURE = 2;
    private static final Duration MIN_GRACE = Duration.ofMillis(100);
    private static final Duration MAX_GRACE = Duration.ofDays(1);

    private final PluginRegistry<Engine> engines;
    private final Models models;
    private final Tools tools;

    SessionDrafts(PluginRegistry<Engine> engines, Models models, Tools tools) {
        this.engines = engines;
        this.models = models;
        this.tools = tools;
    }

    /**
     * Check a draft; may wait a moment for a provider's list of models.
     *
     * @throws LlmgineException {@code invalid_request} or {@code model_not_found}, with the field
     */
    void check(SessionDraft draft) {
        draft.title().ifPresent(title -> checkLength(title, MAX_TITLE, "title"));
        draft.systemPrompt().ifPresent(prompt -> checkLength(prompt, MAX_SYSTEM_PROMPT, "systemPrompt"));
        draft.engine().ifPresent(this::checkEngine);
        draft.model().ifPresent(this::checkModel);
        draft.tools().flatMap(names -> names).ifPresent(this::checkTools);
        draft.settings().ifPresent(this::check);
    }

    private static void checkLength(String text, int limit, String field) {
        if (text.length() > limit) {
            throw invalid("'" + field + "' has more than " + limit + " characters.", field);
        }
    }

    private void checkEngine(String name) {
        if (!engines.knows(name)) {
            throw engines.unknown(name).withField("engine");
        }
    }

    private void checkModel(String name) {
        // What the default stands for may be installed later.
        if (!name.equals(ModelNames.DEFAULT) && isEngine(name)) {
            throw invalid("'" + name + "' is an engine, not a model.", "model")
                    .withHint("A session names its engine in 'engine'.");
        }
    }

    private boolean isEngine(String name) {
        try {
            return models.describe(name, engines).id().startsWith(ModelNames.ENGINE_PREFIX);
        } catch (LlmgineException e) {
            throw e.withField("model");
        }
    }

    private void checkTools(List<String> names) {
        checkCount(names, "tools");
        for (int i = 0; i < names.size(); i++) {
            checkTool(names.get(i), "tools[" + i + "]");
        }
    }

    private void checkTool(String name, String field) {
        if (!tools.knows(name)) {
            throw NearNames.hint(invalid("There is no tool '" + name + "'.", field), name, tools.names());
        }
    }

    private void checkApproval(String tool, String word) {
        String field = "settings.approvals." + tool;
        checkTool(tool, field);
        require(ApprovalPolicy.WORDS.contains(word), field, "'allow', 'ask' or 'deny'");
    }

    private void check(SessionSettings settings) {
        settings.maxTokens().ifPresent(tokens -> require(tokens >= 1, "settings.maxTokens", "at least 1"));
        settings.temperature()
                .ifPresent(value ->
                        require(value >= 0 && value <= MAX_TEMPERATURE, "settings.temperature", "from 0 to 2"));
        settings.topP().ifPresent(value -> require(value > 0 && value <= 1, "settings.topP", "above 0 and at most 1"));
        checkCount(settings.stop(), "settings.stop");
        settings.stop().forEach(word -> checkLength(word, MAX_WORD, "settings.stop"));
        settings.reasoningEffort().ifPresent(word -> checkLength(word, MAX_WORD, "settings.reasoningEffort"));
        require(
                List.of(SessionSettings.REFUSE, SessionSettings.QUEUE).contains(settings.whenBusy()),
                "settings.whenBusy",
                "'refuse' or 'queue'");
        settings.detachedGrace()
                .ifPresent(grace -> require(
                        grace.compareTo(MIN_GRACE) >= 0 && grace.compareTo(MAX_GRACE) <= 0,
                        "settings.detachedGraceMs",
                        "from " + MIN_GRACE.toMillis() + " to " + MAX_GRACE.toMillis()));
        checkCount(settings.approvals().keySet(), "settings.approvals");
        settings.approvals().forEach(this::checkApproval);
    }

    private static void checkCount(Collection<String> listed, String field) {
        if (listed.size() > MAX_LISTED) {
            throw invalid("'" + field + "' has more than " + MAX_LISTED + " elements.", field);
        }
    }

    private static void require(boolean good, String field, String allowed) {
        if (!good) {
            throw invalid("'" + field + "' must be " + allowed + ".", field);
        }
    }

    static LlmgineException invalid(String message, String field) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, message).withField(field);
    }
}
