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

    /**
     * Tells of one instance.
     *
     * @param problem why it is left out; empty when it can serve
     * @param leases the calls in flight
     * @param calls the calls that began on this bundle
     * @param errors those of them that failed through the plugin
     */
    record InstanceState(String kind, String name, Optional<String> problem, int leases, long calls, long errors) {}
}
