/** The engine {@code single-pass}. */
@NullMarked
package org.llmgine.engine.singlepass.internal;

import org.jspecify.annotations.NullMarked;
