package org.llmgine.store.internal;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Tells whether the database answered when it was last used, which the heartbeat does every few seconds. */
@Component(property = {HealthCheck.NAME + "=database", HealthCheck.TAGS + "=ready"})
public final class DatabaseCheck implements HealthCheck {
    private final Database database;

    @Activate
    public DatabaseCheck(@Reference Database database) {
        this.database = database;
    }

    @Override
    public Result execute() {
        return database.problem()
                .map(problem -> new Result(Result.Status.TEMPORARILY_UNAVAILABLE, problem))
                .orElseGet(() -> new Result(Result.Status.OK, "in use"));
    }
}
