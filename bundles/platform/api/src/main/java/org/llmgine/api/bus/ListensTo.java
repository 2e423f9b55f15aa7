package org.llmgine.api.bus;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Say what an {@link EventListener} service listens to: {@code llmgine.bus.events} and {@code llmgine.bus.topics}. */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ListensTo {
    /** The properties' common beginning. */
    String PREFIX_ = "llmgine.bus.";

    /** Return the type; {@link Event} for all. */
    Class<? extends Event> events();

    /**
     * Return the topics, one of which the event's must match; none for all. A topic is the event's {@link MessageType}, and
     * {@code *} stands for any one segment, as the last one for one or more: {@code shop/*}.
     */
    String[] topics() default {};
}
