/**
 * How the parts of the host meet: a {@link org.llmgine.api.bus.Command} asks for something and has one handler, an
 * {@link org.llmgine.api.bus.Event} tells what happened and has any number of listeners. Both are records, sent through the
 * {@link org.llmgine.api.bus.MessageBus}, or later and again by {@link org.llmgine.api.bus.Timers}.
 *
 * <p>Handlers, listeners, {@link org.llmgine.api.bus.Interceptor}s and {@link org.llmgine.api.bus.EventFilter}s are services
 * that the bus finds by itself, or are registered by code; what a bundle registered goes with it.
 *
 * <p>Nothing waits for ever, and nothing waits for itself: see {@link org.llmgine.api.bus.MessageBus#publishAndWait}.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.api.bus;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
