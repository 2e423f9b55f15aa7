/**
 * What a durable store implements for the bus: {@link org.llmgine.bus.spi.DeadLetterStore} and
 * {@link org.llmgine.bus.spi.TimerStore}.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.bus.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
