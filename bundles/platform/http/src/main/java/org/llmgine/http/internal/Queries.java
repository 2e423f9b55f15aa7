package org.llmgine.http.internal;

import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Looks at what follows an address's question mark. */
final class Queries {
    private Queries() {}

    /** Refuse any other parameter, lest a mistyped one be taken as left out. */
    static void only(UriInfo uri, String... names) {
        for (String name : uri.getQueryParameters().keySet()) {
            if (!List.of(names).contains(name)) {
                String shown = Problem.value(name);
                throw new LlmgineException(
                                ErrorCode.INVALID_REQUEST,
                                shown + ": is no parameter of this address, which takes " + String.join(", ", names)
                                        + ".")
                        .withField(shown);
            }
        }
    }

    /** Read a switch; false when it is left out. */
    static boolean isTrue(String name, @Nullable String value) {
        return switch (value) {
            case null -> false;
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new LlmgineException(ErrorCode.INVALID_REQUEST, name + ": must be true or false.")
                        .withField(name);
        };
    }
}
