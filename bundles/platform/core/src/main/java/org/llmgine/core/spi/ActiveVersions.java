package org.llmgine.core.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Says which bundle of a plugin gets new leases. Core offers it as a service, and whoever manages plugins moves it.
 *
 * <p>A plugin is known by its bundle's symbolic name. One that nothing is said about follows the rules of the host: the
 * highest ranking, then the newest version. Calls in flight end on the bundle on which they began.
 */
@ProviderType
public interface ActiveVersions {
    /** Stands for no bundle: callers wait for a successor, and are refused when none comes. */
    long NONE = -1;

    /** Give new leases of a plugin to one bundle, from now on and for as long as nothing else is said. */
    void point(String symbolicName, long bundle);

    /**
     * Give new leases of a plugin to no bundle for now: callers wait until another is pointed at, or the limit is over.
     */
    void park(String symbolicName, Duration limit);

    /** Say nothing any more about a plugin. */
    void release(String symbolicName);

    /** Describe what a bundle has registered, by kind and name. */
    List<InstanceState> instances(long bundle);

    /**
     * Wait until nobody uses a bundle that gets no new leases.
     *
     * @return whether that came true in time
     */
    boolean awaitIdle(long bundle, Duration limit) throws InterruptedException;

    /** Describe the threads on which a plugin's tools run, by the plugin's id. */
    ToolThreads toolThreads(String plugin);

    /**
     * Tells of one instance.
     *
     * @param problem why it is left out; empty when it can serve
     * @param quarantine why nobody is let through for a while; empty when callers are
     * @param leases the calls in flight
     * @param calls the calls that began on this bundle
     * @param errors those of them that failed through the plugin
     * @param p50Ms the median time of the name's calls of the last minutes, whatever version served them, in milliseconds
     * @param p99Ms the time that 99 of 100 of them did not exceed
     */
    record InstanceState(
            String kind,
            String name,
            Optional<String> problem,
            Optional<String> quarantine,
            int leases,
            long calls,
            long errors,
            double p50Ms,
            double p99Ms) {}

    /**
     * Tells of the threads of a plugin's tools.
     *
     * @param live how many there are
     * @param leftBehind the names of those that ignore their interrupt and still run
     */
    record ToolThreads(int live, List<String> leftBehind) {}
}
