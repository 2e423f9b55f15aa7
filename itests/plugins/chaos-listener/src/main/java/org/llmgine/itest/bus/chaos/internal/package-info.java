/** What a host must bear of its plugins. */
@NullMarked
package org.llmgine.itest.bus.chaos.internal;

import org.jspecify.annotations.NullMarked;
