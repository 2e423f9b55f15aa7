package org.llmgine.core.command;

import java.util.Optional;
import org.llmgine.api.Principal;

/**
 * Fetch the admin's key and password, which the first start made. Answers once per start that made them, then empty; only the
 * host itself may ask.
 *
 * @param principal {@link Principal#SYSTEM}
 */
public record FirstStart(Principal principal) implements Command<Optional<FirstStart.Credentials>> {
    /**
     * Hold what the first start made.
     *
     * @param account the admin's name
     * @param key the admin's API key; empty when the operator set it
     * @param password the admin's password; empty when the operator set it
     */
    public record Credentials(String account, Optional<String> key, Optional<String> password) {
        /** Keep the secrets out of logs. */
        @Override
        public String toString() {
            return "Credentials[account=" + account + "]";
        }
    }
}
