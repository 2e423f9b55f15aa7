package org.llmgine.bus.internal;

import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.MessageContext;

/** A handler of one type of command. */
final class HandlerEntry extends Entry implements Comparable<HandlerEntry> {
    private final boolean only;
    private final int ranking;
    private final CommandHandler<Command<Object>, Object> handler;

    /** Make an entry of one of several; it is kept under the type that the handler takes. */
    HandlerEntry(Owner owner, String name, int ranking, CommandHandler<?, ?> handler) {
        this(owner, name, false, ranking, handler);
    }

    /** Make an entry before which none of the several comes. */
    HandlerEntry(Owner owner, String name, CommandHandler<?, ?> handler) {
        this(owner, name, true, 0, handler);
    }

    @SuppressWarnings("unchecked")
    private HandlerEntry(Owner owner, String name, boolean only, int ranking, CommandHandler<?, ?> handler) {
        super(owner, name);
        this.only = only;
        this.ranking = ranking;
        this.handler = (CommandHandler<Command<Object>, Object>) (CommandHandler<?, ?>) handler;
    }

    boolean isOnly() {
        return only;
    }

    /** Call it with a command of its type. */
    @SuppressWarnings("unchecked")
    <R> @Nullable R handle(Command<R> command, MessageContext context) throws Exception {
        return call(() -> (R) handler.handle((Command<Object>) command, context));
    }

    @Override
    public int compareTo(HandlerEntry other) {
        return only == other.only ? Integer.compare(other.ranking, ranking) : Boolean.compare(other.only, only);
    }
}
