/** The example of the plugin author's guide: lines-provider. */
@NullMarked
package org.llmgine.example.lines;

import org.jspecify.annotations.NullMarked;
