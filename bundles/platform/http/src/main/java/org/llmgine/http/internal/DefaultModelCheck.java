package org.llmgine.http.internal;

import java.util.Optional;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looks whether a request for the default model finds what it needs: the model's provider and the relaying engine. */
@Component(property = {HealthCheck.NAME + "=default model", HealthCheck.TAGS + "=" + Readiness.TAG})
public final class DefaultModelCheck implements HealthCheck {
    private static final String RELAY = "single-pass";
    private static final String ACTIVE = "active";

    private final Commands commands;

    @Activate
    public DefaultModelCheck(@Reference Commands commands) {
        this.commands = commands;
    }

    @Override
    public Result execute() {
        try {
            return check();
        } catch (LlmgineException e) {
            return new Result(Result.Status.TEMPORARILY_UNAVAILABLE, e.getMessage());
        }
    }

    private Result check() {
        if (!isActive(LlmginePlugin.ENGINE, RELAY)) {
            return away("the engine " + RELAY + " is not active");
        }
        Optional<String> target = commands.execute(new ListModels(Principal.SYSTEM)).stream()
                .filter(entry -> entry.id().equals(ChatRequestReader.DEFAULT_MODEL))
                .findFirst()
                .flatMap(ModelEntry::target);
        if (target.isEmpty()) {
            return away("there is no default model");
        }
        String provider = target.get().split("/", 2)[0];
        return isActive(LlmginePlugin.PROVIDER, provider)
                ? new Result(Result.Status.OK, target.get())
                : away("the provider " + provider + " of the default model " + target.get() + " is not active");
    }

    private boolean isActive(String kind, String name) {
        return commands.execute(new ListInstances(Principal.SYSTEM, kind)).stream()
                .anyMatch(entry -> entry.name().equals(name) && entry.state().equals(ACTIVE));
    }

    private static Result away(String what) {
        return new Result(Result.Status.TEMPORARILY_UNAVAILABLE, what);
    }
}
