package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.api.bus.Secret;

/**
 * Get a short-lived key for a name and a password.
 *
 * <p>Fails with {@code unauthenticated}; with {@code rate_limited} after several failures of the name in a row; with
 * {@code overloaded} while too many passwords are being checked.
 *
 * @param name the account's name
 * @param password the password
 */
@Secret
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
