package org.llmgine.core.internal;

import java.util.Map;

/**
 * Holds the admin's key and password that the operator set for this start.
 *
 * <p>They come straight from the environment, because Karaf's {@code config:list} shows what a configuration interpolates.
 *
 * @param key empty when unset
 * @param password empty when unset
 */
record AdminSecrets(String key, String password) {
    private static final int MIN_KEY = 16;

    AdminSecrets {
        if (!key.isEmpty() && key.length() < MIN_KEY) {
            throw new IllegalArgumentException("LLMGINE_ADMIN_KEY needs " + MIN_KEY + " characters or more.");
        }
    }

    static AdminSecrets of(Map<String, String> environment) {
        return new AdminSecrets(
                environment.getOrDefault("LLMGINE_ADMIN_KEY", ""),
                environment.getOrDefault("LLMGINE_ADMIN_PASSWORD", ""));
    }

    /** Keep the secrets out of logs. */
    @Override
    public String toString() {
        return "AdminSecrets[key=…, password=…]";
    }
}
