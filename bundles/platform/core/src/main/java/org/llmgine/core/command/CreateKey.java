package org.llmgine.core.command;

import java.time.Duration;
import java.util.Optional;
import org.llmgine.api.Principal;

/**
 * Make an API key for an account. Needs the role {@code admin}.
 *
 * <p>The host itself makes keys for the account {@code system}: these may do what the role {@code user} may, and live in
 * memory only.
 *
 * @param principal who asks
 * @param account the owner's name
 * @param label what the key is for
 * @param lifetime how long it is valid; empty for ever
 */
public record CreateKey(Principal principal, String account, String label, Optional<Duration> lifetime)
        implements AuditedCommand<IssuedKey> {
    @Override
    public String target() {
        return account;
    }

    @Override
    public String details(IssuedKey result) {
        return result.keyId() + " '" + label + "'"
                + lifetime.map(time -> ", for " + time).orElse("");
    }

    /** The host's own keys live in memory only. */
    @Override
    public boolean isAudited(Optional<IssuedKey> result) {
        return !principal.equals(Principal.SYSTEM);
    }
}
