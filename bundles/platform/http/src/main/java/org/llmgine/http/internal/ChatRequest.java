package org.llmgine.http.internal;

import org.llmgine.api.model.ModelRequest;

/**
 * A chat completion request as it was understood.
 *
 * @param model what the model is asked
 * @param stream whether the answer is streamed
 * @param includeUsage whether the stream ends with a usage chunk
 */
record ChatRequest(ModelRequest model, boolean stream, boolean includeUsage) {}
