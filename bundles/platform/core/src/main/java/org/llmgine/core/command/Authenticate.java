package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.api.bus.Secret;

/**
 * Find out whose key this is. Fails with {@code unauthenticated}.
 *
 * @param key the presented key
 */
@Secret
public record Authenticate(String key) implements Command<Authenticated> {
    @Override
    public Principal principal() {
        return Principal.ANONYMOUS;
    }

    /** Keep the key out of logs. */
    @Override
    public String toString() {
        return "Authenticate[key=…]";
    }
}
