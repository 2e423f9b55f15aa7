/** The example of the guide to testing and embedding: embedded-assistant. */
@NullMarked
package org.llmgine.example.assistant;

import org.jspecify.annotations.NullMarked;
