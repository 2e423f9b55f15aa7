/**
 * The extension point for model back-ends: {@link org.llmgine.api.model.ModelProvider} opens a pull-based
 * {@link org.llmgine.api.model.ModelStream} for a {@link org.llmgine.api.model.ModelRequest}.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
@NullMarked
package org.llmgine.api.model;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
