package org.llmgine.shell.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Command;

/** Executes commands by functions that a test gives for their types. */
final class FakeHost implements Commands {
    private final Map<Class<?>, Function<Command<?>, Object>> handlers = new HashMap<>();

    <R, C extends Command<R>> FakeHost on(Class<C> type, Function<C, R> handler) {
        handlers.put(type, command -> handler.apply(type.cast(command)));
        return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <R> R execute(Command<R> command) {
        return (R) Objects.requireNonNull(handlers.get(command.getClass())).apply(command);
    }
}
