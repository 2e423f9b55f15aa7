/** The provider {@code offline} with its model {@code demo}. */
@NullMarked
package org.llmgine.provider.offline.internal;

import org.jspecify.annotations.NullMarked;
