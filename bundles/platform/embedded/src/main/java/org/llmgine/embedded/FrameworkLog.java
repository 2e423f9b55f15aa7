package org.llmgine.embedded;

import org.apache.felix.framework.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Takes the framework's own complaints into the log, which it would else write to the terminal. */
final class FrameworkLog extends Logger {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(EmbeddedHost.class);

    @Override
    protected void doLog(int level, String message, @Nullable Throwable thrown) {
        LOG.atLevel(level == LOG_ERROR ? Level.ERROR : Level.DEBUG)
                .setCause(thrown)
                .log(message);
    }
}
