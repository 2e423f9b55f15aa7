/** The example of the plugin author's guide: greeter-tool. */
@NullMarked
package org.llmgine.example.greeter;

import org.jspecify.annotations.NullMarked;
