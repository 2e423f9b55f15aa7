/**
 * What plugins are tested with.
 *
 * <p>Contracts are tests that a plugin's test class inherits, one for each extension point:
 * {@link org.llmgine.testkit.ToolContract}, {@link org.llmgine.testkit.ModelProviderContract},
 * {@link org.llmgine.testkit.EngineContract}, {@link org.llmgine.testkit.ListenerContract},
 * {@link org.llmgine.testkit.InterceptorContract}; and two for the host's own stores,
 * {@link org.llmgine.testkit.DeadLetterStoreContract} and {@link org.llmgine.testkit.TimerStoreContract}.
 *
 * <p>Fakes stand in for what the host gives: hand-written, deterministic, without sleeps.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.testkit;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
