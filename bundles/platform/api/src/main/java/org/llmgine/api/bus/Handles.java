package org.llmgine.api.bus;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Say which type of command a {@link CommandHandler} service handles; the service property {@code llmgine.bus.handles}. */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Handles {
    /** The properties' common beginning. */
    String PREFIX_ = "llmgine.bus.";

    /** Return the type. */
    Class<? extends Command<?>> handles();
}
