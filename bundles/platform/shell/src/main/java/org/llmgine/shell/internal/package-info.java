/**
 * The commands of the scope {@code llmgine} in Karaf's shell, which call nothing but {@link org.llmgine.core.Commands}, and
 * the login of SSH sessions with the host's accounts.
 */
@Header(name = "Karaf-Commands", value = "org.llmgine.shell.internal")
@NullMarked
package org.llmgine.shell.internal;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Header;
