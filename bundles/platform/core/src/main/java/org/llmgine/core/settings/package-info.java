/**
 * The settings of the host and of plugins: what may be set, what is in force and where it comes from, and what was changed.
 *
 * <p>A configuration is known by its PID, or {@code pid~name} where there may be several. What is stored here yields to files in
 * {@code etc} and to variables.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.core.settings;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
