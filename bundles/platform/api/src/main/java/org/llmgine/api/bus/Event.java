package org.llmgine.api.bus;

import org.osgi.annotation.versioning.ConsumerType;

/** Tell what happened to whoever listens. Implemented by records, which hold data and nothing that lives. */
@ConsumerType
public interface Event {}
