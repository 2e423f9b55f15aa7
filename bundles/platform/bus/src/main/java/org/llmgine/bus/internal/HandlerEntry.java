package org.llmgine.bus.internal;

import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.MessageContext;

/** A handler of one type of command. */
final class HandlerEntry extends Entry implements Comparable<HandlerEntry> {
    private final int ranking;
    private final CommandHandler<Command<Object>, Object> handler;

    /** Make an entry; it is kept under the type that the handler takes. */
    @SuppressWarnings("unchecked")
    HandlerEntry(Owner owner, String name, int ranking, CommandHandler<?, ?> handler) {
        super(owner, name);
        this.ranking = ranking;
        this.handler = (CommandHandler<Command<Object>, Object>) (CommandHandler<?, ?>) handler;
    }

    /** Call it with a command of its type. */
    @SuppressWarnings("unchecked")
    <R> @Nullable R handle(Command<R> command, MessageContext context) throws Exception {
        return call(() -> (R) handler.handle((Command<Object>) command, context));
    }

    @Override
    public int compareTo(HandlerEntry other) {
        return Integer.compare(other.ranking, ranking);
    }
}
