package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Get a short-lived key for a name and a password. Fails with {@code unauthenticated}.
 *
 * @param name the account's name
 * @param password the password
 */
public record Login(String name, String password) implements Command<IssuedKey> {
    @Override
    public Principal principal() {
        return Principal.ANONYMOUS;
    }

    /** Keep the password out of logs. */
    @Override
    public String toString() {
        return "Login[name=" + name + ", password=…]";
    }
}
