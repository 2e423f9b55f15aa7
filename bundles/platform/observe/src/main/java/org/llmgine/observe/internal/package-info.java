/** The metrics endpoint: figures of the host and its JVM as Prometheus text. */
@NullMarked
package org.llmgine.observe.internal;

import org.jspecify.annotations.NullMarked;
