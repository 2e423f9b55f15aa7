package org.llmgine.http.internal;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.core.command.ResolveModel;
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
        ModelEntry model = commands.execute(new ResolveModel(Principal.SYSTEM, ChatRequestReader.DEFAULT_MODEL));
        return isActive(LlmginePlugin.PROVIDER, model.owner())
                ? new Result(Result.Status.OK, model.id())
                : away("the provider " + model.owner() + " of the default model " + model.id() + " is not active");
    }

    private boolean isActive(String kind, String name) {
        return commands.execute(new ListInstances(Principal.SYSTEM, kind)).stream()
                .anyMatch(entry -> entry.name().equals(name) && entry.state().equals(ACTIVE));
    }

    private static Result away(String what) {
        return new Result(Result.Status.TEMPORARILY_UNAVAILABLE, what);
    }
}
