/** The example of the plugin author's guide: second-thought-engine. */
@NullMarked
package org.llmgine.example.secondthought;

import org.jspecify.annotations.NullMarked;
