package org.llmgine.bus;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Watch deadlines and heartbeats: one thread for the whole host, which never writes and never calls plugin code.
 *
 * <p>Resolution is about 100 ms.
 */
@ProviderType
public interface HostTimer {
    /** Watch until the registration is closed. */
    Registration watch(Watch watch);

    /** Is asked on the timer's thread whether something is due. */
    interface Watch {
        /**
         * Tell whether {@link #act()} is due. It must return at once.
         *
         * @param nanoTime {@link System#nanoTime()} of this round
         */
        boolean isDue(long nanoTime);

        /** Do what is due, on a virtual thread of its own; it isn't started again while it runs. */
        void act();
    }

    /** Ends a watch. */
    interface Registration extends AutoCloseable {
        /** Watch no longer. Idempotent; an {@link Watch#act()} that already runs goes on. */
        @Override
        void close();
    }
}
