/**
 * The provider {@code openai}: any back-end that speaks the OpenAI API.
 *
 * <p>{@link org.llmgine.provider.openai.internal.Backend} is one back-end. Its answers go from
 * {@link org.llmgine.provider.openai.internal.HttpAnswer} through {@link org.llmgine.provider.openai.internal.SseParser} and
 * {@link org.llmgine.provider.openai.internal.ChunkDecoder} to {@link org.llmgine.provider.openai.internal.ChatStream}.
 */
@NullMarked
package org.llmgine.provider.openai.internal;

import org.jspecify.annotations.NullMarked;
