/** The plugin manager: what is kept, what is checked, and how one version takes over from another. */
@NullMarked
package org.llmgine.plugins.internal;

import org.jspecify.annotations.NullMarked;
