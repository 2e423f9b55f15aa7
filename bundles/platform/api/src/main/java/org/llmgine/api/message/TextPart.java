package org.llmgine.api.message;

import java.util.Objects;

/**
 * Hold text.
 *
 * @param text the text, possibly empty
 */
public record TextPart(String text) implements ContentPart {
    /** Check the text. */
    public TextPart {
        Objects.requireNonNull(text, "text");
    }

    @Override
    public String capability() {
        return "text";
    }
}
