package org.llmgine.core.spi;

import java.util.function.Function;
import org.llmgine.api.bus.Registration;
import org.llmgine.core.command.Command;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Takes handlers for commands that other bundles of the platform bring: their principals' roles are checked, and those that are
 * to be audited are, as with core's own. Core offers it as a service.
 */
@ProviderType
public interface CommandDesk {
    /**
     * Handle a command of those who hold a role.
     *
     * @param role such as {@link org.llmgine.api.Principal#OPERATOR}
     * @param work fails with {@link org.llmgine.api.LlmgineException} only; anything else is a defect and told as such
     */
    <R, C extends Command<R>> Registration handle(String role, Class<C> type, Function<C, R> work);
}
