/**
 * The host as a library: {@link org.llmgine.embedded.EmbeddedHost} runs it inside an application or a test, in its process and
 * from its class path, with the bus, core and the store as they are in the distribution.
 */
@NullMarked
package org.llmgine.embedded;

import org.jspecify.annotations.NullMarked;
