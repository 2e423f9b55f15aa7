/** The engine {@code tool-chat}. */
@NullMarked
package org.llmgine.engine.toolchat.internal;

import org.jspecify.annotations.NullMarked;
