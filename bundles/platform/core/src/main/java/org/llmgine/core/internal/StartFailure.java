package org.llmgine.core.internal;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.api.LlmgineException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/** Tells why a plugin's component could not be started: in its own words, if it threw an {@link LlmgineException}. */
final class StartFailure {
    private static final String UNKNOWN = "It could not be started; the host's log has the cause.";
    private static final String OWN_WORDS = LlmgineException.class.getName() + ": ";

    private StartFailure() {}

    static String of(BundleContext context, ServiceReference<?> reference) {
        ServiceReference<ServiceComponentRuntime> runtime = context.getServiceReference(ServiceComponentRuntime.class);
        ServiceComponentRuntime components = runtime == null ? null : context.getService(runtime);
        if (components == null) {
            return UNKNOWN;
        }
        try {
            return stackTrace(components, reference)
                    .flatMap(StartFailure::ownWords)
                    .orElse(UNKNOWN);
        } finally {
            context.ungetService(runtime);
        }
    }

    private static Optional<String> stackTrace(ServiceComponentRuntime components, ServiceReference<?> reference) {
        Object id = reference.getProperty(ComponentConstants.COMPONENT_ID);
        Bundle bundle = reference.getBundle();
        return Optional.ofNullable(bundle).stream()
                .flatMap(owner -> components.getComponentDescriptionDTOs(owner).stream())
                .flatMap(description -> components.getComponentConfigurationDTOs(description).stream())
                .filter(configuration -> Objects.equals(id, configuration.id))
                .map(configuration -> configuration.failure)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private static Optional<String> ownWords(String stackTrace) {
        return Arrays.stream(stackTrace.split("\\R"))
                .filter(line -> line.contains(OWN_WORDS))
                .map(line -> line.substring(line.indexOf(OWN_WORDS) + OWN_WORDS.length()))
                .findFirst();
    }
}
