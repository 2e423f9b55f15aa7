/**
 * The host as its users meet it: the unpacked distribution, started as a process of its own, talked to over HTTP and SSH. The
 * fixtures are {@link org.llmgine.itest.host.Host}, {@link org.llmgine.itest.host.Api}, {@link org.llmgine.itest.host.Shell},
 * {@link org.llmgine.itest.host.Jvm} and {@link org.llmgine.itest.host.Journal}.
 */
@NullMarked
package org.llmgine.itest.host;

import org.jspecify.annotations.NullMarked;
