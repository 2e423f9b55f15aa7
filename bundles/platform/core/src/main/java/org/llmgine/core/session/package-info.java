/**
 * Sessions: a {@link org.llmgine.core.session.Session} is a conversation with its engine, model, owner and settings; a
 * {@link org.llmgine.core.session.SessionTurn} is one prompt and everything done to answer it. A turn runs detached from who
 * asked; {@link org.llmgine.core.session.TurnReader}s follow its events.
 *
 * <p>The history is a tree of {@link org.llmgine.core.session.HistoryEntry}s: to edit a message is to put another one beside
 * it, and the session's head says which branch is the conversation.
 *
 * <p>A turn that makes a call which a person must approve is suspended, with an {@link org.llmgine.core.session.Approval} for
 * each such call, and goes on when they are decided. {@link org.llmgine.core.session.ApprovalRequested},
 * {@link org.llmgine.core.session.ApprovalGranted}, {@link org.llmgine.core.session.ApprovalDenied} and
 * {@link org.llmgine.core.session.ApprovalExpired} tell of it on the bus.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
@NullMarked
package org.llmgine.core.session;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
