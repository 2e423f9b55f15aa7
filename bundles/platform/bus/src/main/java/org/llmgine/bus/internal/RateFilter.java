package org.llmgine.bus.internal;

import java.util.function.LongSupplier;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/** Lets no more events pass than a rate allows. */
@Component(
        service = EventFilter.class,
        configurationPid = RateFilterConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RateFilterConfig.class, factory = true)
public final class RateFilter implements EventFilter {
    private final Topics types = new Topics();
    private final Buckets buckets;
    private final boolean perSession;
    private final boolean perType;

    @Activate
    public RateFilter(RateFilterConfig config) {
        this(config, System::nanoTime);
    }

    RateFilter(RateFilterConfig config, LongSupplier nanoTime) {
        buckets = new Buckets(config.permitsPerSecond(), config.burst(), nanoTime);
        perSession = config.perSession();
        perType = config.perType();
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        // A type's name has no space, so that no two pairs make one key.
        String type = perType ? types.typeOf(event).orElse("") : "";
        return buckets.take(perSession ? type + " " + context.session() : type, 0) == 0;
    }
}
