/**
 * What every extension point shares: the plugin's description ({@link org.llmgine.api.LlmginePlugin}), who is calling
 * ({@link org.llmgine.api.Principal}) and how things fail ({@link org.llmgine.api.LlmgineException},
 * {@link org.llmgine.api.ErrorCode}).
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
@NullMarked
package org.llmgine.api;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
