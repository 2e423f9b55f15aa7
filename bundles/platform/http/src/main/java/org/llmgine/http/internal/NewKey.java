package org.llmgine.http.internal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.command.IssuedKey;

/** A key as its owner is told it, this once. */
public record NewKey(
        String key,
        String id,
        String account,
        List<String> roles,
        @Nullable String expires) {
    static NewKey of(IssuedKey issued) {
        return new NewKey(
                issued.key(),
                issued.keyId(),
                issued.principal().name(),
                issued.principal().roles().stream().sorted().toList(),
                issued.expires().equals(Instant.MAX) ? null : issued.expires().toString());
    }

    /** Keep the key out of logs. */
    @Override
    public String toString() {
        return "NewKey[id=" + id + "]";
    }
}
