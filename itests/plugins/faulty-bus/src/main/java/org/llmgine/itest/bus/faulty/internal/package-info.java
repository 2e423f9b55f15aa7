/** A handler that fails when it is told to, and a timer that asks it. */
@NullMarked
package org.llmgine.itest.bus.faulty.internal;

import org.jspecify.annotations.NullMarked;
