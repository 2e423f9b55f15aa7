package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.api.bus.Secret;

/**
 * Find out whose name and password these are, without issuing a key.
 *
 * <p>Fails with {@code unauthenticated}; with {@code rate_limited} after several failures of the name in a row; with
 * {@code overloaded} while too many passwords are being checked.
 *
 * @param name the account's name
 * @param password the password
 */
@Secret
public record VerifyPassword(String name, String password) implements Command<Principal> {
    @Override
    public Principal principal() {
        return Principal.ANONYMOUS;
    }

    /** Keep the password out of logs. */
    @Override
    public String toString() {
        return "VerifyPassword[name=" + name + ", password=…]";
    }
}
