/**
 * What the host tells on the bus of turns, at their begin and end and for each tool call, never per token. The bus' session is the
 * one that the turn belongs to, the principal is who asked. An observer is an {@link org.llmgine.api.bus.EventListener} to these.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.api.event;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
