package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.api.message.Message;
import org.llmgine.core.spi.ConversationStore;

/** Keeps conversations for as long as it lives. */
final class InMemoryConversationStore implements ConversationStore {
    private final ConcurrentHashMap<String, List<Message>> conversations = new ConcurrentHashMap<>();

    @Override
    public List<Message> messages(String conversationId) {
        return conversations.getOrDefault(conversationId, List.of());
    }

    @Override
    public void append(String conversationId, List<Message> messages) {
        conversations.compute(conversationId, (id, before) -> {
            List<Message> all = new ArrayList<>(before == null ? List.of() : before);
            all.addAll(messages);
            return List.copyOf(all);
        });
    }

    @Override
    public void clear(String conversationId) {
        conversations.remove(conversationId);
    }
}
