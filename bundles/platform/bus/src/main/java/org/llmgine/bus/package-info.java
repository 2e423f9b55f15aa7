/**
 * What the platform's bundles share beside the messages of {@link org.llmgine.api.bus}: {@link org.llmgine.bus.HostTimer}
 * watches what must not take too long, {@link org.llmgine.bus.Cancellation} ends it, {@link org.llmgine.bus.DeadLetters} are
 * the messages that were given up, {@link org.llmgine.bus.EventFeed} shows events to who watches them.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.bus;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
