package org.llmgine.core.spi;

import java.util.List;
import org.llmgine.api.message.Message;
import org.osgi.annotation.versioning.ConsumerType;

/** Keep conversations. Thread-safe; every method may block. */
@ConsumerType
public interface ConversationStore {
    /** Return a conversation's messages, oldest first; empty when there is none of that id. */
    List<Message> messages(String conversationId);

    /** Add messages at the end, all or none. */
    void append(String conversationId, List<Message> messages);

    /** Remove a conversation's messages. */
    void clear(String conversationId);
}
