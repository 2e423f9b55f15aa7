package org.llmgine.launcher;

import java.lang.reflect.UndeclaredThrowableException;
import java.security.PrivilegedAction;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/**
 * Keep the subject that code runs as, the way the JDK's access control contexts did up to JDK 23: threads started
 * meanwhile inherit it. Patched code calls these methods; see {@link SubjectPatch}.
 */
public final class CurrentSubject {
    /** {@link Subject#current()} is not inherited by threads, and Karaf's shell runs commands on threads of its own. */
    private static final InheritableThreadLocal<@Nullable Subject> INHERITED = new InheritableThreadLocal<>();

    private CurrentSubject() {}

    /** Return the subject of the calling thread, or null when it runs as nobody. */
    public static @Nullable Subject get() {
        Subject current = Subject.current();
        return current != null ? current : INHERITED.get();
    }

    /** Run an action as a subject. Unchecked exceptions leave as they are. */
    public static @Nullable Object doAs(@Nullable Subject subject, PrivilegedAction<?> action) {
        try {
            return callAs(subject, action::run);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new UndeclaredThrowableException(e);
        }
    }

    /**
     * Run an action as a subject. Unchecked exceptions leave as they are.
     *
     * @throws PrivilegedActionException around a checked exception of the action
     */
    public static @Nullable Object doAs(@Nullable Subject subject, PrivilegedExceptionAction<?> action)
            throws PrivilegedActionException {
        try {
            return callAs(subject, action::run);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new PrivilegedActionException(e);
        }
    }

    @SuppressWarnings("NullAway") // callAs takes null for nobody
    private static @Nullable Object callAs(@Nullable Subject subject, Callable<?> action) throws Exception {
        Subject outer = INHERITED.get();
        INHERITED.set(subject);
        try {
            return Subject.callAs(subject, action);
        } catch (CompletionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } finally {
            INHERITED.set(outer);
        }
    }
}
