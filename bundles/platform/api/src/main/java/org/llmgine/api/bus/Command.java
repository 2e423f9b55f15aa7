package org.llmgine.api.bus;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Ask for something that exactly one handler does. Implemented by records.
 *
 * @param <R> the result; {@link Void} when there is none
 */
@ConsumerType
public interface Command<R> {}
