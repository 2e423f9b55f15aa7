/** The bus: who is called with what, in which order, and what becomes of failures. */
@NullMarked
package org.llmgine.bus.internal;

import org.jspecify.annotations.NullMarked;
