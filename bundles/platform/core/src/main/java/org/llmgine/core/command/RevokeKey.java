package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * End a key for good. Needs the role {@code admin}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param keyId the key's public id
 */
public record RevokeKey(Principal principal, String keyId) implements AuditedCommand<KeyEntry> {
    @Override
    public String target() {
        return keyId;
    }

    @Override
    public String details(KeyEntry result) {
        return "of " + result.account() + " '" + result.label() + "'";
    }
}
