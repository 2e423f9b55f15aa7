/**
 * The extension point for conversation logic: an {@link org.llmgine.api.engine.Engine} answers one
 * {@link org.llmgine.api.engine.Turn} by calling models and tools through the turn.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
@NullMarked
package org.llmgine.api.engine;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
