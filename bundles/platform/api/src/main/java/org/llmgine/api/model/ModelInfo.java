package org.llmgine.api.model;

import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Describe a model of a provider.
 *
 * @param name the model's name within its provider, for example {@code gpt-4o}; it may contain slashes
 * @param capabilities what the model takes beside text: {@link #TOOLS}, {@link #IMAGES}, {@link #FILES},
 *     {@link #STRUCTURED_OUTPUT}, {@link #EXTENSIONS}, and others that a provider defines
 * @param contextTokens how many tokens a request and its answer may have together, where it is known
 */
public record ModelInfo(String name, Set<String> capabilities, OptionalInt contextTokens) {
    /** The model can call tools. */
    public static final String TOOLS = "tools";

    /** The model takes {@link org.llmgine.api.message.ImagePart}. */
    public static final String IMAGES = "images";

    /** The model takes {@link org.llmgine.api.message.FilePart}. */
    public static final String FILES = "files";

    /** The model keeps to a {@link ResponseFormat}. */
    public static final String STRUCTURED_OUTPUT = "structured_output";

    /** The provider passes {@link ModelRequest#extensions()} on. */
    public static final String EXTENSIONS = "extensions";

    /** All of these: what is tried of a model of which nothing is known. */
    public static final Set<String> ALL = Set.of(TOOLS, IMAGES, FILES, STRUCTURED_OUTPUT, EXTENSIONS);

    /** Copy the capabilities. */
    public ModelInfo {
        Objects.requireNonNull(name, "name");
        capabilities = Set.copyOf(capabilities);
        Objects.requireNonNull(contextTokens, "contextTokens");
    }

    /** Describe a model whose context size is not known. */
    public ModelInfo(String name, Set<String> capabilities) {
        this(name, capabilities, OptionalInt.empty());
    }

    /** Tell whether the model has a capability. */
    public boolean supports(String capability) {
        return capabilities.contains(capability);
    }
}
