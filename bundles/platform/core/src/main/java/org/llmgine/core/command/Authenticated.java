package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Tell whose key it is.
 *
 * @param principal the key's owner
 * @param keyId the key's public id, for limits and lists
 */
public record Authenticated(Principal principal, String keyId) {}
