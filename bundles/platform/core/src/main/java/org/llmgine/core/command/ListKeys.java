package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;

/**
 * List the stored keys, newest first. Needs the role {@code admin}.
 *
 * @param principal who asks
 */
public record ListKeys(Principal principal) implements Command<List<KeyEntry>> {}
