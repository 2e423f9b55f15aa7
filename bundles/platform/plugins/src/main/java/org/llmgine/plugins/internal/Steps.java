package org.llmgine.plugins.internal;

import java.time.Instant;
import java.util.function.Consumer;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.plugins.PluginChanged;
import org.llmgine.plugins.PluginStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of the steps of a change: whoever asked for it, the log and the bus. */
record Steps(MessageBus bus, Consumer<PluginStep> asker, String plugin, String version) {
    private static final Logger LOG = LoggerFactory.getLogger(Steps.class);

    void tell(String state, String message) {
        LOG.info("{} {}: {}", plugin, version, message);
        bus.publish(
                new PluginChanged(plugin, version, state, message),
                SendOptions.inSession(PluginChanged.session(plugin)));
        try {
            asker.accept(new PluginStep(Instant.now(), plugin, version, state, message));
        } catch (RuntimeException e) {
            // Who asked has left; what he asked for goes on.
            LOG.debug("Nobody listens to the steps of {} {}.", plugin, version, e);
        }
    }

    /** Return the same for what goes on after the answer. */
    Steps afterwards() {
        return new Steps(bus, step -> {}, plugin, version);
    }
}
