/**
 * What core offers to the platform's other bundles: {@link org.llmgine.core.spi.ActiveVersions} and
 * {@link org.llmgine.core.spi.CommandDesk}.
 *
 * <p>What a store implements: {@link org.llmgine.core.spi.SessionStore}, {@link org.llmgine.core.spi.ApprovalStore},
 * {@link org.llmgine.core.spi.AccountStore}, {@link org.llmgine.core.spi.AuditStore}, {@link org.llmgine.core.spi.SettingsStore},
 * {@link org.llmgine.core.spi.EventLog} and {@link org.llmgine.core.spi.BackupStore}.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.core.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
