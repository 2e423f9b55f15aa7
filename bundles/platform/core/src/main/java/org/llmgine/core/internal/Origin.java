package org.llmgine.core.internal;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.LogLimit;
import org.osgi.framework.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells where a service comes from, and calls into that plugin's code.
 *
 * @param name the instance, for example {@code openai~work}; for a tool the tool's name
 * @param plugin the plugin's id
 * @param bundle the bundle's symbolic name
 * @param ranking the service's, which decides between services of one name
 * @param loader the bundle's class loader
 * @param logs how often its failures are logged
 */
record Origin(
        String kind,
        String name,
        String plugin,
        Version version,
        String bundle,
        long bundleId,
        long serviceId,
        int ranking,
        ClassLoader loader,
        LogLimit logs) {
    private static final Logger LOG = LoggerFactory.getLogger(Origin.class);

    /** Failures that say nothing about the plugin. */
    private static final Set<ErrorCode> CALLERS_OWN = Set.of(
            ErrorCode.CANCELLED, ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_FIELD, ErrorCode.MODEL_NOT_FOUND);

    /** Return the same origin under another name. */
    Origin named(String other) {
        return new Origin(kind, other, plugin, version, bundle, bundleId, serviceId, ranking, loader, logs);
    }

    /** Call the plugin's code with its loader; nothing but {@link LlmgineException} comes back. */
    <R> R call(Callable<R> code) {
        return call(code, fault -> {});
    }

    /**
     * The same.
     *
     * @param faults is told what was no report of the plugin's own, nor of somebody whom it called
     */
    <R> R call(Callable<R> code, Consumer<LlmgineException> faults) {
        Thread thread = Thread.currentThread();
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return code.call();
        } catch (Throwable t) {
            LlmgineException contained = contain(t);
            if (contained != t && contained.code().equals(ErrorCode.PLUGIN_FAILED)) {
                faults.accept(contained);
            }
            throw contained;
        } finally {
            thread.setContextClassLoader(callers);
        }
    }

    /** Turn whatever the plugin threw into what may leave; what isn't the plugin's own report is logged here, see {@link LogLimit}. */
    LlmgineException contain(Throwable thrown) {
        if (thrown instanceof LlmgineException report) {
            return report;
        }
        if (thrown instanceof InterruptedException) {
            return new LlmgineException(ErrorCode.CANCELLED, "The call was interrupted.", thrown);
        }
        logs.next(thrown.getClass().getName())
                .ifPresent(more -> LOG.error(
                        "The {} {} of the plugin {} {} failed.{}", kind, name, plugin, version, more, thrown));
        return new LlmgineException(
                        ErrorCode.PLUGIN_FAILED, "The " + kind + " '" + name + "' failed unexpectedly.", thrown)
                .withHint("The host's log has the cause.");
    }

    static boolean isCallersOwn(LlmgineException failure) {
        return CALLERS_OWN.contains(failure.code());
    }

    /** Log a failure of the plugin in one line, with its cause; not what is the caller's own doing. */
    void log(LlmgineException failure) {
        if (!isCallersOwn(failure)) {
            Throwable cause = failure.getCause();
            LOG.warn(
                    "The {} '{}' failed with {}: {}{}",
                    kind,
                    name,
                    failure.code().name(),
                    failure.getMessage(),
                    cause == null ? "" : " Cause: " + cause);
        }
    }
}
