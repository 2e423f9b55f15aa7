/** Runs the benchmarks, which lie in the packages of what they measure. */
@NullMarked
package org.llmgine.itest.benchmarks;

import org.jspecify.annotations.NullMarked;
