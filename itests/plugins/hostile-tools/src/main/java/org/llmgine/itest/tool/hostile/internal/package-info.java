/** Tools that do what no plugin should. */
@NullMarked
package org.llmgine.itest.tool.hostile.internal;

import org.jspecify.annotations.NullMarked;
