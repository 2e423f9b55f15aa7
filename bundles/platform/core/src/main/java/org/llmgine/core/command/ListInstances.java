package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;

/**
 * List the instances of the plugins of one kind. Needs the role {@code viewer}.
 *
 * @param principal who asks
 * @param kind a kind, see {@link org.llmgine.api.LlmginePlugin#kind()}
 */
public record ListInstances(Principal principal, String kind) implements Command<List<InstanceEntry>> {}
