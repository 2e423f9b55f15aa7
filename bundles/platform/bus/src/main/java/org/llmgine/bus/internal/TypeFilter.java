package org.llmgine.bus.internal;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/** Lets events pass by the names of their type and of its supertypes. */
@Component(
        service = EventFilter.class,
        configurationPid = TypeFilterConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = TypeFilterConfig.class, factory = true)
public final class TypeFilter implements EventFilter {
    private final Choice<Set<String>> choice;
    /** What is known of a class is kept with the class, so that no bundle is held that has gone. */
    private final ClassValue<Boolean> passing = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return choice.takes(withSupertypes(type)
                    .filter(Event.class::isAssignableFrom)
                    .map(one -> TypeInfo.of(one).name())
                    .collect(Collectors.toSet()));
        }
    };

    @Activate
    public TypeFilter(TypeFilterConfig config) {
        choice = Choice.of(config.include(), config.exclude(), text -> {
            TopicPattern pattern = new TopicPattern(text);
            return names -> names.stream().anyMatch(pattern::matches);
        });
    }

    private static Stream<Class<?>> withSupertypes(Class<?> type) {
        Stream<Class<?>> above =
                Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()));
        return Stream.concat(Stream.of(type), above.flatMap(TypeFilter::withSupertypes));
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        return passing.get(event.getClass());
    }
}
