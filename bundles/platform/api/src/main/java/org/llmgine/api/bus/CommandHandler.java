package org.llmgine.api.bus;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Do what a type of command asks for. Implemented by plugins and the host; as a service it says which type by {@link Handles}.
 *
 * <p>The bus calls it on the thread of whoever executes the command, several at a time. It is cancelled by
 * {@link MessageContext#onCancel} and, at the command's deadline, by an interrupt. When its bundle goes, calls that run end on
 * it. It may throw anything; what isn't an {@link org.llmgine.api.LlmgineException} reaches the caller as
 * {@code plugin_failed}, with the cause in the log.
 *
 * @param <C> the type of command
 * @param <R> its result
 */
@ConsumerType
@FunctionalInterface
public interface CommandHandler<C extends Command<R>, R> {
    /** Do it and return the result; null when the command has none. */
    @Nullable R handle(C command, MessageContext context) throws Exception;
}
