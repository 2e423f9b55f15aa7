package org.llmgine.bus.internal;

import java.time.InstantSource;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.spi.TimerStore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Runs the timers of this host, whether or not anybody asks for {@link org.llmgine.api.bus.Timers}. */
@Component(service = TimerHost.class, immediate = true)
public final class TimerHost implements BundleListener {
    private final BundleContext context;
    private final TimerEngine engine;
    private final HostTimer.Registration watch;

    /** Begin to run timers. */
    @Activate
    public TimerHost(
            BundleContext context, @Reference BusHost host, @Reference HostTimer timer, @Reference TimerStore store) {
        this(
                context,
                new TimerEngine(
                        store,
                        host.bus(),
                        new Messages(new FrameworkBundles(context)),
                        host.deadLetters(),
                        InstantSource.system()),
                timer);
    }

    TimerHost(BundleContext context, TimerEngine engine, HostTimer timer) {
        this.context = context;
        this.engine = engine;
        watch = timer.watch(engine);
        context.addBundleListener(this);
    }

    TimerEngine engine() {
        return engine;
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STARTED) {
            engine.bundleStarted();
        }
    }

    @Deactivate
    void close() {
        context.removeBundleListener(this);
        engine.close();
        watch.close();
    }
}
