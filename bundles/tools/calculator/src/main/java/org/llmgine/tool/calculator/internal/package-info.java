/** The tool {@code calculator}. */
@NullMarked
package org.llmgine.tool.calculator.internal;

import org.jspecify.annotations.NullMarked;
