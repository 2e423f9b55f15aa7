package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;

/** A bundle's own health checks are asked, and no other. */
@Timeout(30)
class HealthChecksTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private InFramework host;
    private Framework bundle;
    private HealthChecks checks;

    @BeforeEach
    void start() throws BundleException {
        host = new InFramework(folder);
        bundle = host.framework;
        checks = new HealthChecks(bundle.getBundleContext(), LIMIT);
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private void register(String name, Object check) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HealthCheck.NAME, name);
        bundle.getBundleContext().registerService(HealthCheck.class.getName(), check, properties);
    }

    @Test
    void whoHasNoneIsHealthy() throws Exception {
        assertThat(checks.problem(bundle, LIMIT)).isEmpty();
        Bundle other = host.install(TestJar.greeter("1.0.0").write(folder.resolve("other.jar")));
        register("index", (HealthCheck) () -> new Result(Result.Status.CRITICAL, "no"));

        assertThat(checks.problem(other, LIMIT)).isEmpty();
    }

    @Test
    void allMustBeOk() throws Exception {
        register("good", (HealthCheck) () -> new Result(Result.Status.OK, "fine"));
        assertThat(checks.problem(bundle, LIMIT)).isEmpty();

        register("index", (HealthCheck) () -> new Result(Result.Status.TEMPORARILY_UNAVAILABLE, "It is built.\nSoon."));
        assertThat(checks.problem(bundle, LIMIT))
                .hasValue("Its health check index is TEMPORARILY_UNAVAILABLE: It is built.");
    }

    @Test
    void oneThatCantBeMadeIsNotGood() throws Exception {
        ServiceFactory<HealthCheck> none = new ServiceFactory<>() {
            @Override
            public HealthCheck getService(Bundle asks, ServiceRegistration<HealthCheck> registration) {
                throw new IllegalStateException("no");
            }

            @Override
            public void ungetService(Bundle asks, ServiceRegistration<HealthCheck> registration, HealthCheck check) {}
        };
        register("absent", none);
        assertThat(checks.problem(bundle, LIMIT))
                .hasValue("Its health check absent failed: its component can't be made.");
    }

    @Test
    void oneThatThrowsIsNotGood() throws Exception {
        register("broken", (HealthCheck) () -> {
            throw new IllegalStateException("The index is torn.");
        });

        assertThat(checks.problem(bundle, LIMIT))
                .isEqualTo(Optional.of("Its health check broken failed: The index is torn."));
    }

    @Test
    void oneThatHangsIsLeft() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        register("stuck", (HealthCheck) () -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return new Result(Result.Status.OK, "late");
        });

        assertThat(checks.problem(bundle, Duration.ofMillis(50)))
                .hasValueSatisfying(
                        problem -> assertThat(problem).startsWith("Its health check stuck had not answered after "));
        interrupted.await();
    }
}
