@NullMarked
package org.llmgine.bus.internal;

import org.jspecify.annotations.NullMarked;
