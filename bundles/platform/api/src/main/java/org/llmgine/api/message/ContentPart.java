package org.llmgine.api.message;

/**
 * Mark one part of a message's content: {@link TextPart}, {@link ImagePart}, {@link FilePart}, and what comes later.
 *
 * <p>The hierarchy is open. The host refuses a part that a model doesn't declare by {@link #capability()}, naming the field.
 */
public interface ContentPart {
    /** Name the capability that a model needs for this part, for example {@code images}; {@code text} is always there. */
    String capability();
}
