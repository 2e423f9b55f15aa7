package org.llmgine.plugins.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** Asks a plugin's own health checks, of Apache Felix: services of its bundle. */
final class HealthChecks {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final BundleContext context;
    private final Duration most;

    HealthChecks(BundleContext context) {
        this(context, LIMIT);
    }

    HealthChecks(BundleContext context, Duration most) {
        this.context = context;
        this.most = most;
    }

    /**
     * Say which check is not good, and why.
     *
     * @param limit how long it may take; each check gets five seconds at most
     */
    Optional<String> problem(Bundle bundle, Duration limit) throws InterruptedException {
        ServiceReference<?>[] references = bundle.getRegisteredServices();
        if (references == null) {
            return Optional.empty();
        }
        long deadline = System.nanoTime() + limit.toNanos();
        for (ServiceReference<?> reference : references) {
            if (isCheck(reference)) {
                Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
                Optional<String> problem = ask(bundle, reference, left.compareTo(most) < 0 ? left : most);
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        return Optional.empty();
    }

    /** One that has a copy of the interface in its jar can't be asked. */
    private boolean isCheck(ServiceReference<?> reference) {
        return Arrays.asList((String[]) reference.getProperty(Constants.OBJECTCLASS))
                        .contains(HealthCheck.class.getName())
                && reference.isAssignableTo(context.getBundle(), HealthCheck.class.getName());
    }

    private Optional<String> ask(Bundle bundle, ServiceReference<?> reference, Duration limit)
            throws InterruptedException {
        Object named = reference.getProperty(HealthCheck.NAME);
        String name = "Its health check" + (named == null ? "" : " " + named);
        CompletableFuture<Result> answer = new CompletableFuture<>();
        Thread worker = Thread.ofPlatform()
                .daemon()
                .name("llmgine-check-" + bundle.getSymbolicName())
                .start(() -> answer(reference, answer));
        try {
            Result result = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return result.isOk()
                    ? Optional.empty()
                    : Optional.of(name + " is " + result.getStatus() + ": " + words(result));
        } catch (ExecutionException e) {
            return Optional.of(name + " failed: " + Framework.sentence(e));
        } catch (TimeoutException e) {
            worker.interrupt();
            return Optional.of(name + " had not answered after " + limit.toMillis() + " ms.");
        }
    }

    private void answer(ServiceReference<?> reference, CompletableFuture<Result> answer) {
        try {
            if (!(context.getService(reference) instanceof HealthCheck check)) {
                throw new IllegalStateException("its component can't be made");
            }
            try {
                answer.complete(check.execute());
            } finally {
                context.ungetService(reference);
            }
        } catch (Throwable t) {
            answer.completeExceptionally(t);
        }
    }

    private static String words(Result result) {
        String words = "it says no more.";
        for (ResultLog.Entry entry : result) {
            words = entry.getMessage();
        }
        return words.lines().findFirst().orElse("").replaceFirst("\\.$", "") + ".";
    }
}
