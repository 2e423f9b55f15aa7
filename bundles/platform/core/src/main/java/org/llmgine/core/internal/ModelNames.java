package org.llmgine.core.internal;

import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Reads what a request's {@code model} may name. */
final class ModelNames {
    static final String DEFAULT = "default";
    static final String ENGINE_PREFIX = "engine/";

    private ModelNames() {}

    /** Names a model of an instance. */
    record Target(String instance, String model) {
        String fullName() {
            return instance + "/" + model;
        }
    }

    /** Follow {@code default} and aliases, and split at the first slash. */
    static Target resolve(String name, Settings settings) {
        String target = follow(name, settings);
        int slash = target.indexOf('/');
        if (slash > 0 && slash < target.length() - 1 && !target.startsWith(ENGINE_PREFIX)) {
            return new Target(target.substring(0, slash), target.substring(slash + 1));
        }
        String via = target.equals(name) ? "" : " (for which '" + name + "' stands)";
        LlmgineException unknown = new LlmgineException(
                        ErrorCode.MODEL_NOT_FOUND, "There is no model '" + target + "'" + via + ".")
                .withField("model");
        throw unknown.withHint("Write instance/model, an alias, or 'default'.");
    }

    /** Follow {@code default} and aliases to what they stand for; an alias of an alias counts, a circle ends where it began. */
    static String follow(String name, Settings settings) {
        String target = name.equals(DEFAULT) ? settings.defaultModel() : name;
        for (int i = 0; i <= settings.aliases().size(); i++) {
            String next = settings.aliases().get(target);
            if (next == null) {
                return target;
            }
            target = next;
        }
        return target;
    }
}
