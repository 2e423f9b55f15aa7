/** What holds for all of the project's code and for the repository itself. */
@NullMarked
package org.llmgine.itest.architecture;

import org.jspecify.annotations.NullMarked;
