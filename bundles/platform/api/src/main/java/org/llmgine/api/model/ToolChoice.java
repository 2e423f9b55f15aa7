package org.llmgine.api.model;

import java.util.Objects;

/**
 * Say whether and which tools a model may call.
 *
 * @param mode {@code auto}, {@code none}, {@code required} or {@code tool}
 * @param name the tool that must be called when the mode is {@code tool}, else empty
 */
public record ToolChoice(String mode, String name) {
    /** The model decides. */
    public static final ToolChoice AUTO = new ToolChoice("auto", "");

    /** No tool may be called. */
    public static final ToolChoice NONE = new ToolChoice("none", "");

    /** At least one tool must be called. */
    public static final ToolChoice REQUIRED = new ToolChoice("required", "");

    /** Check that both are given. */
    public ToolChoice {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(name, "name");
    }

    /** Demand one tool. */
    public static ToolChoice of(String tool) {
        return new ToolChoice("tool", tool);
    }
}
