/** A tool whose answer tells its version. */
@NullMarked
package org.llmgine.itest.tool.stamp.internal;

import org.jspecify.annotations.NullMarked;
