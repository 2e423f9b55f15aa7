package org.llmgine.http.internal;

import java.util.ArrayList;
import java.util.List;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.hc.api.execution.HealthCheckExecutionOptions;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Knows whether the host is ready: every health check with the tag {@value #TAG} is good, and the host is warm. */
@Component(service = Readiness.class)
public final class Readiness {
    static final String TAG = "ready";

    private final HealthCheckExecutor executor;
    private volatile boolean warm;

    @Activate
    public Readiness(@Reference HealthCheckExecutor executor) {
        this.executor = executor;
    }

    /** Say that the warm-up is over. */
    void warm() {
        warm = true;
    }

    /** Look at the checks, whose results may be two seconds old. */
    Health health() {
        List<Check> checks = checks(false);
        checks.add(new Check("warm-up", warm, warm ? "done" : "not done yet"));
        return Health.of(checks);
    }

    /** Look at the checks anew, without the warm-up. */
    Health healthNow() {
        return Health.of(checks(true));
    }

    private List<Check> checks(boolean now) {
        List<Check> checks = new ArrayList<>();
        List<HealthCheckExecutionResult> results = executor.execute(
                HealthCheckSelector.tags(TAG), new HealthCheckExecutionOptions().setForceInstantExecution(now));
        for (HealthCheckExecutionResult result : results) {
            Result outcome = result.getHealthCheckResult();
            checks.add(new Check(result.getHealthCheckMetadata().getTitle(), outcome.isOk(), words(outcome)));
        }
        if (checks.isEmpty()) {
            checks.add(new Check("checks", false, "no health check has registered yet"));
        }
        return checks;
    }

    private static String words(Result result) {
        String words = result.getStatus().name();
        for (ResultLog.Entry entry : result) {
            words = entry.getMessage();
        }
        return words;
    }

    /** What the probe answers. */
    public record Health(boolean ready, List<Check> checks) {
        private static Health of(List<Check> checks) {
            return new Health(checks.stream().allMatch(Check::ok), checks);
        }

        List<Check> failing() {
            return checks.stream().filter(check -> !check.ok()).toList();
        }
    }

    public record Check(String name, boolean ok, String message) {}
}
