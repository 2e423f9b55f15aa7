package org.llmgine.http.internal;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Refuses headers that can't be read, and bodies in a form that isn't plain UTF-8, before Jersey looks at them. */
@PreMatching
final class HeaderCheck implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext request) {
        read(HttpHeaders.ACCEPT, request::getAcceptableMediaTypes);
        String encoding = request.getHeaderString(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            throw new LlmgineException(Problem.UNSUPPORTED_MEDIA_TYPE, "This host takes no encoded bodies.")
                    .withHint("Send the body plain, without Content-Encoding.");
        }
        MediaType type = request.getMediaType();
        String charset = type == null ? null : type.getParameters().get(MediaType.CHARSET_PARAMETER);
        if (charset != null && !charset.equalsIgnoreCase(StandardCharsets.UTF_8.name())) {
            throw new LlmgineException(Problem.UNSUPPORTED_MEDIA_TYPE, "This host takes bodies in UTF-8 only.")
                    .withHint("Send the body in UTF-8, without a charset in Content-Type.");
        }
    }

    /** Jersey reads this one before any filter of its own. */
    static void contentType(@Nullable String value) {
        if (value != null) {
            read(HttpHeaders.CONTENT_TYPE, () -> MediaType.valueOf(value));
        }
    }

    private static void read(String header, Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException e) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "The header " + header + " is not in its form.", e)
                    .withHint("Mend it, or leave it out.");
        }
    }
}
