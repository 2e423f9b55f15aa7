/** The tool {@code clock}. */
@NullMarked
package org.llmgine.tool.clock.internal;

import org.jspecify.annotations.NullMarked;
