package org.llmgine.api.message;

import java.util.Objects;

/**
 * Hold an image by address.
 *
 * @param url an {@code https:} address or a {@code data:} URL with the bytes in base64
 * @param detail the asked fidelity, {@code auto}, {@code low} or {@code high}; {@code auto} when not given
 */
public record ImagePart(String url, String detail) implements ContentPart {
    /** Check that both are given. */
    public ImagePart {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(detail, "detail");
    }

    @Override
    public String capability() {
        return "images";
    }
}
