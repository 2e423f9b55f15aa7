/**
 * Fakes for tests of plugins and of the host: hand-written, deterministic, without sleeps. And tests that every store has to
 * pass: {@link org.llmgine.testkit.DeadLetterStoreContract}, {@link org.llmgine.testkit.TimerStoreContract}.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.testkit;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
