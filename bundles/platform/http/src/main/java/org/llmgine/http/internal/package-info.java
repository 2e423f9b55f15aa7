/** The HTTP faces: one Jersey application, one gate in front of every context, one writer for all event streams. */
@NullMarked
package org.llmgine.http.internal;

import org.jspecify.annotations.NullMarked;
