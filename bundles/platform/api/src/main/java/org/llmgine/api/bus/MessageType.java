package org.llmgine.api.bus;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Name a command's or an event's type for the time that outlives its class: in the store, in lists, as a topic. Without it the
 * name of the class counts, with slashes in place of the dots.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MessageType {
    /** Return the name, segments of letters, digits, {@code -}, {@code _} and {@code $} between slashes: {@code shop/order/placed}. */
    String value();

    /** Return the version of the record's components; raised when what is stored can't be read any more. */
    int version() default 1;
}
