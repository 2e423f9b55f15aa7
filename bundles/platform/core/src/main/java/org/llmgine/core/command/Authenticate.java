package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Find out whose key this is. Fails with {@code unauthenticated}.
 *
 * @param key the presented key
 */
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
