package org.llmgine.core.session;

/**
 * Name a message of a session's history; the messages up to it become the history of another session.
 *
 * @param sessionId the session
 * @param messageId the last message that is taken over
 */
public record BranchPoint(String sessionId, String messageId) {}
