package org.llmgine.example.failures;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Component;

@Component(property = "service.ranking:Integer=100")
public final class FailureCounter implements Interceptor {
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    @Override
    public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        try {
            return next.proceed();
        } catch (Exception e) {
            failures.merge(command.getClass().getSimpleName(), 1, Integer::sum);
            throw e;
        }
    }

    Map<String, Integer> failures() {
        return Map.copyOf(failures);
    }
}
