package org.llmgine.bus.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/** Lets events pass by their session. */
@Component(
        service = EventFilter.class,
        configurationPid = SessionFilterConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SessionFilterConfig.class, factory = true)
public final class SessionFilter implements EventFilter {
    private final Choice<String> choice;

    @Activate
    public SessionFilter(SessionFilterConfig config) {
        choice = Choice.of(config.include(), config.exclude(), id -> id::equals);
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        return choice.takes(context.session());
    }
}
