package org.llmgine.core.internal;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

        /** Split at the first slash; empty for what names no model of an instance. */
        static Optional<Target> of(String name) {
            int slash = name.indexOf('/');
            return slash > 0 && slash < name.length() - 1 && !name.startsWith(ENGINE_PREFIX)
                    ? Optional.of(new Target(name.substring(0, slash), name.substring(slash + 1)))
                    : Optional.empty();
        }
    }

    /**
     * Return the models that a name stands for, in the order in which they are tried; not empty. In a chain, what names no model
     * is left out.
     */
    static List<Target> resolve(String name, Settings settings) {
        List<String> names = follow(name, settings);
        List<Target> targets =
                names.stream().map(Target::of).flatMap(Optional::stream).toList();
        if (targets.isEmpty()) {
            String first = names.getFirst();
            String via = first.equals(name) ? "" : " (for which '" + name + "' stands)";
            throw new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model '" + first + "'" + via + ".")
                    .withField("model")
                    .withHint("Write instance/model, an alias, or 'default'.");
        }
        return targets;
    }

    /** Return the engine that a name stands for; empty for one that stands for models. */
    static Optional<String> engine(String name, Settings settings) {
        List<String> names = follow(name, settings);
        return names.size() == 1 && names.getFirst().startsWith(ENGINE_PREFIX)
                ? Optional.of(names.getFirst().substring(ENGINE_PREFIX.length()))
                : Optional.empty();
    }

    /**
     * Follow {@code default} and aliases to all that a name stands for, each once, in the order in which they are tried; not
     * empty. A circle ends where it closes.
     */
    static List<String> follow(String name, Settings settings) {
        Set<String> found = new LinkedHashSet<>();
        follow(name, settings, new LinkedHashSet<>(), found);
        return found.isEmpty() ? List.of(name) : List.copyOf(found);
    }

    private static void follow(String name, Settings settings, Set<String> followed, Set<String> found) {
        List<String> chain = name.equals(DEFAULT)
                ? settings.defaultModel()
                : settings.aliases().get(name);
        if (chain == null) {
            found.add(name);
        } else if (followed.add(name)) {
            chain.forEach(next -> follow(next, settings, followed, found));
        }
    }
}
