package org.llmgine.api.crooked;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.llmgine.http.crooked.CrookedFace;

/** Breaks rules on purpose, to show that they can fail. */
public record CrookedApi(CrookedFace face) {
    static final ObjectMapper MAPPER = new ObjectMapper();

    public CrookedFace getFace() {
        return face;
    }
}
