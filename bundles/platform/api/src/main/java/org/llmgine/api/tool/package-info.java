/**
 * The extension point for tools: a {@link org.llmgine.api.tool.Tool} is a described function whose arguments are a record.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
@NullMarked
package org.llmgine.api.tool;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
