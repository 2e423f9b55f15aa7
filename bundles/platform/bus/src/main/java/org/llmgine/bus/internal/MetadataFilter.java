package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/** Lets events pass whose sender added some metadata. */
@Component(
        service = EventFilter.class,
        configurationPid = MetadataFilterConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = MetadataFilterConfig.class, factory = true)
public final class MetadataFilter implements EventFilter {
    private final List<Predicate<Map<String, String>>> required;

    @Activate
    public MetadataFilter(MetadataFilterConfig config) {
        required = Arrays.stream(config.required()).map(MetadataFilter::rule).toList();
    }

    private static Predicate<Map<String, String>> rule(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            return metadata -> metadata.containsKey(text);
        }
        String key = text.substring(0, equals);
        String value = text.substring(equals + 1);
        return metadata -> value.equals(metadata.get(key));
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        return required.stream().allMatch(rule -> rule.test(context.metadata()));
    }
}
