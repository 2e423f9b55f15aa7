/**
 * The database: {@link org.llmgine.store.internal.Store} opens it, {@link org.llmgine.store.internal.Database} runs every
 * statement, and each {@code Jdbc…} class keeps one kind of thing in it.
 */
@NullMarked
package org.llmgine.store.internal;

import org.jspecify.annotations.NullMarked;
