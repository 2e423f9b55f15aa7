/**
 * Prepare a JVM for the host: {@link org.llmgine.launcher.LauncherAgent} runs before Karaf's main class.
 *
 * <p>The boot loader loads this package, because the JDK itself calls {@link org.llmgine.launcher.CurrentSubject}; it
 * uses nothing but java.base and java.instrument.
 */
@NullMarked
package org.llmgine.launcher;

import org.jspecify.annotations.NullMarked;
