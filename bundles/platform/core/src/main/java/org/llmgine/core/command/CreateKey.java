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
        implements Command<IssuedKey> {}
