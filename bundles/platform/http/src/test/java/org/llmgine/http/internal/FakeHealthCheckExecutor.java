package org.llmgine.http.internal;

import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.execution.HealthCheckExecutionOptions;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckMetadata;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Runs the registered checks that have the first of the asked tags, one after the other. */
record FakeHealthCheckExecutor(BundleContext context) implements HealthCheckExecutor {
    @Override
    public List<HealthCheckExecutionResult> execute(HealthCheckSelector selector) {
        return execute(selector, new HealthCheckExecutionOptions());
    }

    @Override
    public List<HealthCheckExecutionResult> execute(HealthCheckSelector selector, HealthCheckExecutionOptions options) {
        List<HealthCheckExecutionResult> results = new ArrayList<>();
        try {
            for (ServiceReference<HealthCheck> reference : context.getServiceReferences(
                    HealthCheck.class, "(" + HealthCheck.TAGS + "=" + selector.tags()[0] + ")")) {
                results.add(new Done(
                        new HealthCheckMetadata(reference),
                        context.getService(reference).execute()));
            }
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
        return results;
    }

    private record Done(HealthCheckMetadata metadata, Result result) implements HealthCheckExecutionResult {
        @Override
        public Result getHealthCheckResult() {
            return result;
        }

        @Override
        public long getElapsedTimeInMs() {
            return 0;
        }

        @Override
        public Date getFinishedAt() {
            return new Date(0);
        }

        @Override
        public boolean hasTimedOut() {
            return false;
        }

        @Override
        public HealthCheckMetadata getHealthCheckMetadata() {
            return metadata;
        }
    }
}
