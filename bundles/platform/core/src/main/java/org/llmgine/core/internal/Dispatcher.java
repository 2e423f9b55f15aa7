package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.core.Commands;
import org.llmgine.core.command.AuditedCommand;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.spi.CommandDesk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the host's commands on the bus, if their principals may, has {@link Audit} write down those that it is to, and gives them to it; nothing but {@link LlmgineException}
 * comes back.
 */
final class Dispatcher implements Commands, CommandDesk, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final MessageBus bus;
    private final Audit audit;
    private final List<Registration> handlers = new ArrayList<>();

    Dispatcher(MessageBus bus, Audit audit) {
        this.bus = bus;
        this.audit = audit;
    }

    /** Let anybody give a command. */
    <R, C extends Command<R>> Dispatcher open(Class<C> type, Function<C, R> work) {
        return own(type, (command, context) -> true, work);
    }

    /** Let those give a command who hold a role. */
    <R, C extends Command<R>> Dispatcher needing(String role, Class<C> type, Function<C, R> work) {
        handlers.add(handle(role, type, work));
        return this;
    }

    /**
     * Let those give a command who hold a role and came by the host's own faces: no plugin's message counts, whatever principal
     * it names.
     *
     * @param sender the bundle from which {@link #execute} sends
     */
    <R, C extends Command<R>> Dispatcher byFaces(String sender, String role, Class<C> type, Function<C, R> work) {
        return own(
                type,
                (command, context) ->
                        sender.equals(context.origin()) && command.principal().has(role),
                work);
    }

    /** Let only the host itself give a command. */
    <R, C extends Command<R>> Dispatcher internal(Class<C> type, Function<C, R> work) {
        return own(type, (command, context) -> command.principal().equals(Principal.SYSTEM), work);
    }

    private <R, C extends Command<R>> Dispatcher own(
            Class<C> type, BiPredicate<C, MessageContext> allowed, Function<C, R> work) {
        handlers.add(handle(type, allowed, work));
        return this;
    }

    @Override
    public <R, C extends Command<R>> Registration handle(String role, Class<C> type, Function<C, R> work) {
        return handle(type, (command, context) -> command.principal().has(role), work);
    }

    /** Handle; what is an audited command's result is that of the command. */
    @SuppressWarnings("unchecked")
    private <R, C extends Command<R>> Registration handle(
            Class<C> type, BiPredicate<C, MessageContext> allowed, Function<C, R> work) {
        return bus.handle(type, (command, context) -> {
            try {
                if (!allowed.test(command, context)) {
                    throw new LlmgineException(
                            ErrorCode.FORBIDDEN,
                            "'" + command.principal().name() + "' may not do this: a higher role is needed.");
                }
                R result = work(work, command);
                if (command instanceof AuditedCommand<?>) {
                    audit.succeeded((AuditedCommand<R>) command, result);
                }
                return result;
            } catch (LlmgineException e) {
                if (command instanceof AuditedCommand<?> audited) {
                    audit.failed(audited, e);
                }
                throw e;
            }
        });
    }

    private static <R, C> R work(Function<C, R> work, C command) {
        try {
            return work.apply(command);
        } catch (LlmgineException e) {
            throw e;
        } catch (Throwable t) {
            String id = UUID.randomUUID().toString().substring(0, 8);
            LOG.error("{} failed ({}).", command.getClass().getSimpleName(), id, t);
            throw new LlmgineException(ErrorCode.INTERNAL, "The host failed; its log tells why under " + id + ".", t);
        }
    }

    @Override
    public <R> R execute(Command<R> command) {
        return bus.execute(command, SendOptions.inSession(session(command)).withPrincipal(command.principal()))
                .orElseThrow();
    }

    /** A turn that isn't stored is a session of its own: nothing else waits for it, and it for nothing else. */
    private static String session(Command<?> command) {
        return command instanceof RunTurn
                ? "call_" + Long.toHexString(ThreadLocalRandom.current().nextLong())
                : command.sessionId();
    }

    /** Handle nothing more. */
    @Override
    public void close() {
        handlers.forEach(Registration::close);
    }
}
