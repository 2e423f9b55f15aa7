/**
 * What flows while a question is answered. {@link org.llmgine.api.stream.StreamEvent} is an open hierarchy: consumers
 * ignore the kinds they don't know. Models produce text, reasoning, tool-call deltas, usage and the finish; the host and
 * engines add status and tool events.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
@NullMarked
package org.llmgine.api.stream;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
