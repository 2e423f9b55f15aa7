/**
 * The one way from the faces to the work: {@link org.llmgine.core.Commands} executes a
 * {@link org.llmgine.core.command.Command}; {@link org.llmgine.bus.HostTimer} watches what must not take too long.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.core;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
