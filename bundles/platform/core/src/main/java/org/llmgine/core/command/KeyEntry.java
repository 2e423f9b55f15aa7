package org.llmgine.core.command;

import java.time.Instant;
import java.util.Optional;

/**
 * Describe a key without its secret.
 *
 * @param keyId the public id
 * @param account the owner's name
 * @param label what it is for
 * @param created when it was made
 * @param expires when it ends; empty for never
 */
public record KeyEntry(String keyId, String account, String label, Instant created, Optional<Instant> expires) {}
