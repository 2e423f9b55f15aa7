package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;

/**
 * Tells what of a conversation a model is shown: the newest messages that fit.
 *
 * <p>System messages and the last user message are always shown, and what a tool gave stays with the message that called it:
 * a back-end refuses one without the other.
 *
 * @param maxMessages how many messages fit, system messages included
 * @param maxChars how many characters fit, those of system messages included
 */
record ContextWindow(int maxMessages, int maxChars) {
    static ContextWindow of(Settings settings) {
        return new ContextWindow(settings.maxContextMessages(), settings.maxContextChars());
    }

    /** Return what a model is shown of a conversation. */
    List<Message> fit(List<Message> messages) {
        int count = messages.size();
        long chars = messages.stream().mapToLong(ContextWindow::chars).sum();
        if (count <= maxMessages && chars <= maxChars) {
            return messages;
        }
        List<Block> blocks = blocks(messages);
        boolean inDropped = false;
        for (Block block : blocks) {
            boolean fits = count <= maxMessages && chars <= maxChars;
            if (block.kept) {
                inDropped = inDropped && !block.isFrom(Role.USER);
            } else if (!fits || (inDropped && !block.isFrom(Role.USER))) {
                block.dropped = true;
                // What answers a dropped question goes with it.
                inDropped = true;
                count -= block.messages.size();
                chars -= block.messages.stream().mapToLong(ContextWindow::chars).sum();
            } else {
                inDropped = false;
            }
        }
        return blocks.stream()
                .filter(block -> !block.dropped)
                .flatMap(block -> block.messages.stream())
                .toList();
    }

    /** Cut a conversation into what stays together. */
    private static List<Block> blocks(List<Message> messages) {
        List<Block> blocks = new ArrayList<>();
        Block lastUser = null;
        for (Message message : messages) {
            if (message.role().equals(Role.TOOL) && !blocks.isEmpty()) {
                blocks.getLast().messages.add(message);
            } else {
                Block block = new Block(message);
                blocks.add(block);
                lastUser = block.isFrom(Role.USER) ? block : lastUser;
            }
        }
        if (lastUser != null) {
            lastUser.kept = true;
        }
        // The model is to go on from here.
        blocks.getLast().kept = true;
        return blocks;
    }

    private static long chars(Message message) {
        long content = message.text().length();
        return content
                + message.toolCalls().stream()
                        .mapToLong(
                                call -> call.name().length() + call.arguments().length())
                        .sum();
    }

    private static final class Block {
        private final List<Message> messages = new ArrayList<>();
        private boolean kept;
        private boolean dropped;

        Block(Message first) {
            messages.add(first);
            kept = isFrom(Role.SYSTEM);
        }

        boolean isFrom(Role role) {
            return messages.getFirst().role().equals(role);
        }
    }
}
