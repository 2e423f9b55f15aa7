/**
 * What a durable store implements in place of the host's own simple ones: {@link org.llmgine.core.spi.SessionStore} and
 * {@link org.llmgine.core.spi.AccountStore}.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.core.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
