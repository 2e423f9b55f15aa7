package org.llmgine.api.bus;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Say that a message holds what nobody may read again, such as a password: it is not stored, be it by a timer or with the dead
 * letters, and who watches events isn't shown its content.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Secret {}
