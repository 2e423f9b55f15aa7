/**
 * Conversations: a {@link org.llmgine.api.message.Message} has a role and a list of content parts; an assistant's message
 * may ask for tool calls, a tool's message answers one. Everything here is immutable.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
@NullMarked
package org.llmgine.api.message;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
