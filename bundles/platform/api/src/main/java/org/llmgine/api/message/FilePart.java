package org.llmgine.api.message;

import java.util.Objects;

/**
 * Hold a file.
 *
 * @param name the file's name, possibly empty
 * @param data a {@code data:} URL with the bytes in base64, or the identifier of a file that the back-end holds
 */
public record FilePart(String name, String data) implements ContentPart {
    /** Check that both are given. */
    public FilePart {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(data, "data");
    }

    @Override
    public String capability() {
        return "files";
    }
}
