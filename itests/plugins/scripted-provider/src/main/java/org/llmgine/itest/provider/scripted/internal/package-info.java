/** A model back-end whose behaviour is the model's name; {@link org.llmgine.itest.provider.scripted.internal.Script} is the language. */
@NullMarked
package org.llmgine.itest.provider.scripted.internal;

import org.jspecify.annotations.NullMarked;
