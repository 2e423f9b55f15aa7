/** The example of the plugin author's guide: failure-counter. */
@NullMarked
package org.llmgine.example.failures;

import org.jspecify.annotations.NullMarked;
