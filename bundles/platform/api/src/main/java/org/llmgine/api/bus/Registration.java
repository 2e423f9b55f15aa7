package org.llmgine.api.bus;

import org.osgi.annotation.versioning.ProviderType;

/** End what was registered. */
@ProviderType
public interface Registration extends AutoCloseable {
    /** Register no longer. Idempotent, returns at once; a call that runs goes on to its end. */
    @Override
    void close();
}
