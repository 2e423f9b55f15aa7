package org.llmgine.plugins.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.core.spi.ActiveVersions.InstanceState;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** Tells when a bundle that was started can serve. */
final class Readiness {
    private static final long LOOK_MS = 5;

    /** Health checks do work of the plugin's own. */
    private static final long CHECK_MS = 100;

    private static final Duration LEAST_CHECK = Duration.ofSeconds(1);

    private static final String CAUSE = "Caused by: ";
    private static final String COMPONENTS = "Service-Component";

    private final ServiceComponentRuntime components;
    private final ActiveVersions versions;
    private final HealthChecks checks;

    Readiness(ServiceComponentRuntime components, ActiveVersions versions, HealthChecks checks) {
        this.components = components;
        this.versions = versions;
        this.checks = checks;
    }

    /** What it says of a bundle: whether it is settled, and what is amiss. */
    private record Look(boolean settled, Optional<String> problem) {
        static final Look READY = new Look(true, Optional.empty());

        static Look failed(String problem) {
            return new Look(true, Optional.of(problem));
        }

        static Look waits(String why) {
            return new Look(false, Optional.of(why));
        }
    }

    /**
     * Wait until a bundle is ready.
     *
     * @param names the instances that the former version serves: what it has of them must serve as well
     * @return why it is not; empty when it is
     */
    Optional<String> await(Bundle bundle, Set<String> names, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Look look = look(bundle, names);
            boolean healthy = look.equals(Look.READY);
            if (healthy) {
                long left = Math.max(deadline - System.nanoTime(), LEAST_CHECK.toNanos());
                look = checks.problem(bundle, Duration.ofNanos(left))
                        .map(Look::waits)
                        .orElse(Look.READY);
            }
            if (look.settled()) {
                return look.problem();
            }
            if (System.nanoTime() - deadline >= 0) {
                return look.problem().map(why -> why + " It was given " + limit.toMillis() + " ms.");
            }
            TimeUnit.MILLISECONDS.sleep(healthy ? CHECK_MS : LOOK_MS);
        }
    }

    /** Return the instances that a bundle serves well. */
    Set<String> served(long bundle) {
        return versions.instances(bundle).stream()
                .filter(instance -> instance.problem().isEmpty())
                .map(Readiness::label)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String label(InstanceState instance) {
        return instance.kind() + " " + instance.name();
    }

    private Look look(Bundle bundle, Set<String> names) {
        if (bundle.getState() != Bundle.ACTIVE) {
            return Look.waits("It has not started.");
        }
        List<ComponentDescriptionDTO> descriptions = List.copyOf(components.getComponentDescriptionDTOs(bundle));
        if (descriptions.isEmpty() && bundle.getHeaders("").get(COMPONENTS) != null) {
            return Look.waits("Its components are not known yet.");
        }
        for (ComponentDescriptionDTO description : descriptions) {
            for (ComponentConfigurationDTO configuration : components.getComponentConfigurationDTOs(description)) {
                if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                    return Look.failed(
                            "Its component " + description.name + " failed: " + cause(configuration.failure) + ".");
                }
                if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                    return Look.waits("Its component " + description.name + " waits for a service: "
                            + Arrays.stream(configuration.unsatisfiedReferences)
                                    .map(reference -> reference.name)
                                    .collect(Collectors.joining(", "))
                            + ".");
                }
            }
        }
        List<InstanceState> instances = versions.instances(bundle.getBundleId());
        Set<String> served = served(bundle.getBundleId());
        Optional<String> problem = instances.stream()
                .filter(instance -> instance.problem().isPresent())
                .filter(instance -> served.isEmpty() || names.contains(label(instance)))
                .map(instance -> "Its " + label(instance) + " can't serve: "
                        + instance.problem().orElse(""))
                .findFirst();
        if (problem.isPresent()) {
            return Look.failed(problem.get());
        }
        return served.isEmpty() && !names.isEmpty()
                ? Look.waits("It offers nothing, and the former version " + String.join(", ", names) + ".")
                : Look.READY;
    }

    /** Say what was thrown first, of what SCR keeps as a stack trace. */
    private static String cause(String failure) {
        List<String> lines = failure == null ? List.of() : failure.lines().toList();
        return lines.stream()
                .filter(line -> line.startsWith(CAUSE))
                .reduce((first, second) -> second)
                .or(() -> lines.stream().findFirst())
                .orElse("")
                .replaceFirst("^" + CAUSE, "")
                .replaceFirst("^[\\w.$]+(Exception|Error): ", "")
                .replaceFirst("\\.$", "");
    }
}
