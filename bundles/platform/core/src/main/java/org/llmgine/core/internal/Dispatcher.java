package org.llmgine.core.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Command;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands each command to its handler, if its principal may; nothing but {@link LlmgineException} comes back. */
final class Dispatcher implements Commands {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Map<Class<?>, Handler<?, ?>> handlers = new HashMap<>();

    private record Handler<C, R>(Predicate<Principal> allowed, Function<C, R> work) {}

    /** Let anybody give a command. */
    <R, C extends Command<R>> Dispatcher open(Class<C> type, Function<C, R> work) {
        handlers.put(type, new Handler<>(principal -> true, work));
        return this;
    }

    /** Let those give a command who hold a role. */
    <R, C extends Command<R>> Dispatcher needing(String role, Class<C> type, Function<C, R> work) {
        handlers.put(type, new Handler<>(principal -> principal.has(role), work));
        return this;
    }

    /** Let only the host itself give a command. */
    <R, C extends Command<R>> Dispatcher internal(Class<C> type, Function<C, R> work) {
        handlers.put(type, new Handler<>(Principal.SYSTEM::equals, work));
        return this;
    }

    @Override
    public <R> R execute(Command<R> command) {
        // Only the three methods above put handlers in, each under the type that it takes.
        @SuppressWarnings("unchecked")
        Handler<Command<R>, R> handler = (Handler<Command<R>, R>) handlers.get(command.getClass());
        if (handler == null) {
            throw new LlmgineException(
                    ErrorCode.INTERNAL,
                    "Nobody handles the command " + command.getClass().getSimpleName() + ".");
        }
        if (!handler.allowed().test(command.principal())) {
            throw new LlmgineException(
                    ErrorCode.FORBIDDEN,
                    "'" + command.principal().name() + "' may not do this: a higher role is needed.");
        }
        try {
            return handler.work().apply(command);
        } catch (LlmgineException e) {
            throw e;
        } catch (Throwable t) {
            String id = UUID.randomUUID().toString().substring(0, 8);
            LOG.error("{} failed ({}).", command.getClass().getSimpleName(), id, t);
            throw new LlmgineException(ErrorCode.INTERNAL, "The host failed; its log tells why under " + id + ".", t);
        }
    }
}
