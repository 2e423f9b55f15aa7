/** A plugin that no test's stream uses. */
@NullMarked
package org.llmgine.itest.engine.echo.internal;

import org.jspecify.annotations.NullMarked;
