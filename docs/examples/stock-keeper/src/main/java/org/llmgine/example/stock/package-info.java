/** The example of the plugin author's guide: stock-keeper. */
@NullMarked
package org.llmgine.example.stock;

import org.jspecify.annotations.NullMarked;
