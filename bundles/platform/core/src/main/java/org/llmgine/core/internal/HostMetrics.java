package org.llmgine.core.internal;

import com.codahale.metrics.MetricRegistry;
import org.osgi.service.component.annotations.Component;

/** The host's one registry of figures. */
@Component(service = MetricRegistry.class)
public final class HostMetrics extends MetricRegistry {}
