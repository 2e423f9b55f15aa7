package org.llmgine.core.command;

import java.time.Instant;
import org.llmgine.api.Principal;

/**
 * Hold a new key; it is shown this once.
 *
 * @param key the secret
 * @param keyId the key's public id
 * @param principal the owner
 * @param expires when it ends; {@link Instant#MAX} for never
 */
public record IssuedKey(String key, String keyId, Principal principal, Instant expires) {
    /** Keep the key out of logs. */
    @Override
    public String toString() {
        return "IssuedKey[keyId=" + keyId + ", principal=" + principal + ", expires=" + expires + "]";
    }
}
