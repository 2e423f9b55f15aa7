package org.llmgine.plugins.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.resolver.Logger;
import org.apache.felix.resolver.ResolverImpl;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;

/** Resolves a jar against what is installed, as the framework would, and installs nothing. */
final class Resolution extends ResolveContext {
    private static final Pattern TWICE =
            Pattern.compile("exposed to package '([^']+)' from resources (\\S+) .*? and (\\S+) .*via two");

    private final Resource resource;
    private final FrameworkWiring framework;
    private final Map<Resource, Wiring> wirings = new HashMap<>();

    private Resolution(Resource resource, BundleContext context, FrameworkWiring framework) {
        this.resource = resource;
        this.framework = framework;
        for (Bundle bundle : context.getBundles()) {
            BundleWiring wiring = bundle.adapt(BundleWiring.class);
            if (wiring != null) {
                wirings.put(wiring.getRevision(), wiring);
            }
        }
    }

    /** Say why a resource can't be resolved though each of its needs is there, and what would mend it. */
    static Optional<String> conflict(Resource resource, BundleContext context, FrameworkWiring framework) {
        try {
            new ResolverImpl(new Logger(Logger.LOG_ERROR), Runnable::run)
                    .resolve(new Resolution(resource, context, framework));
            return Optional.empty();
        } catch (ResolutionException e) {
            Matcher twice = TWICE.matcher(String.valueOf(e.getMessage()));
            return Optional.of(
                    twice.find()
                            ? "It would see the package " + twice.group(1) + " twice, from " + twice.group(2)
                                    + " and from "
                                    + twice.group(3)
                                    + ", in versions that don't go together. Import the version that the others use, or put"
                                    + " the library into the plugin's jar."
                            : "The framework could not resolve it: " + Framework.sentence(e)
                                    + " Put libraries into the plugin's jar.");
        }
    }

    @Override
    public Collection<Resource> getMandatoryResources() {
        return List.of(resource);
    }

    @Override
    public List<Capability> findProviders(Requirement need) {
        List<Capability> providers = new ArrayList<>(framework.findProviders(need));
        if (providers.isEmpty() && need.getResource() == resource) {
            providers.addAll(resource.getCapabilities(need.getNamespace()));
        }
        return providers;
    }

    @Override
    public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
        capabilities.add(hosted);
        return capabilities.size() - 1;
    }

    @Override
    public boolean isEffective(Requirement need) {
        return Namespace.EFFECTIVE_RESOLVE.equals(need.getDirectives()
                .getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE));
    }

    @Override
    public Map<Resource, Wiring> getWirings() {
        return wirings;
    }
}
