package org.llmgine.core.internal;

/** Makes a tool's arguments of what a model wrote. */
interface ArgumentBinding {
    /**
     * Validate and coerce.
     *
     * @param arguments JSON text as the model wrote it
     * @throws org.llmgine.api.LlmgineException with a sentence for the model that says what is wrong
     */
    Object bind(String arguments);
}
