package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.List;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets pass what all of its parts let pass, or any of them.
 *
 * <p>A part is any filter with the service property {@code part}, but no composite: so none is ever made of itself. One that
 * isn't there, or throws, doesn't count; when there is none, everything passes.
 */
@Component(
        service = EventFilter.class,
        configurationPid = CompositeFilterConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = CompositeFilterConfig.class, factory = true)
public final class CompositeFilter implements EventFilter {
    private static final Logger LOG = LoggerFactory.getLogger(CompositeFilter.class);

    private final List<String> names;
    private final boolean any;
    private final Ranked<Part> there = new Ranked<>(this::choose);
    private volatile List<Part> parts = List.of();
    private volatile boolean told;

    /** A filter and what it is called. */
    private record Part(String name, EventFilter filter) {}

    @Activate
    public CompositeFilter(CompositeFilterConfig config) {
        names = Arrays.asList(config.filters());
        any = config.mode() == CompositeFilterConfig.Mode.ANY;
        if (names.isEmpty()) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'filters' must name a filter.").withField("filters");
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            target = "(&(part=*)(!(service.factoryPid=" + CompositeFilterConfig.PID + ")))")
    void addPart(ServiceReference<EventFilter> reference, EventFilter filter) {
        there.add(reference, new Part(String.valueOf(reference.getProperty("part")), filter));
    }

    void removePart(ServiceReference<EventFilter> reference) {
        there.remove(reference);
    }

    /** Take for each name the first filter that has it. */
    private void choose(List<Part> all) {
        parts = names.stream()
                .flatMap(name ->
                        all.stream().filter(part -> part.name.equals(name)).limit(1))
                .toList();
        told = false;
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        List<Part> asked = parts;
        if (asked.size() < names.size() && !told) {
            told = true;
            LOG.warn(
                    "Of the filters {} of a composite filter only {} are there; the others are left out.",
                    names,
                    asked.stream().map(Part::name).toList());
        }
        for (Part part : asked) {
            if (passes(part, event, context) == any) {
                return any;
            }
        }
        return !any || asked.isEmpty();
    }

    /** Ask a part; one that throws gives the answer that leaves it to the others. */
    private boolean passes(Part part, Event event, MessageContext context) {
        try {
            return part.filter.passes(event, context);
        } catch (RuntimeException e) {
            LOG.error("The filter '{}' failed and is left out.", part.name, e);
            return !any;
        }
    }
}
