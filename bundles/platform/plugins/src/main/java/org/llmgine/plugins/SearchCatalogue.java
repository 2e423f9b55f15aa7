package org.llmgine.plugins;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Look for plugins in the catalogues. They are read anew each time. Needs the role {@code viewer}.
 *
 * @param principal who asks
 * @param query what an entry's id, name, description, kind or author must contain, in any case; empty for all
 */
public record SearchCatalogue(Principal principal, String query) implements Command<CatalogueListing> {}
