/** A bundle that writes down what happens to the others. */
@NullMarked
package org.llmgine.itest.bundle.watcher.internal;

import org.jspecify.annotations.NullMarked;
