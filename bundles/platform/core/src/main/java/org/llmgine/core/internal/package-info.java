/** The host's own parts; {@link org.llmgine.core.internal.Host} puts them together. */
@NullMarked
package org.llmgine.core.internal;

import org.jspecify.annotations.NullMarked;
