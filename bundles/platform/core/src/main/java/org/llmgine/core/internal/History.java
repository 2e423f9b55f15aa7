package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.spi.SessionStore.Entry;

/** Reads a session's history: a tree of messages, of which each one's way from the first is a conversation. */
final class History {
    private static final String NOT_FINISHED =
            "The turn ended before this call gave a result; it may have had an effect all the same.";

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    History(List<Entry> entries) {
        entries.forEach(entry -> this.entries.put(entry.id(), entry));
    }

    Optional<Entry> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    /**
     * Return a message that a request names.
     *
     * @param field the request's field, for the complaint
     */
    Entry named(String id, String field) {
        return find(id).orElseThrow(() -> SessionDrafts.invalid("The session has no message '" + id + "'.", field));
    }

    int size() {
        return entries.size();
    }

    /** Return the messages from the first one to this one. */
    List<Entry> upTo(Optional<String> id) {
        List<Entry> way = new ArrayList<>();
        Optional<Entry> next = id.flatMap(this::find);
        while (next.isPresent()) {
            way.add(next.get());
            next = next.get().parent().flatMap(this::find);
        }
        return way.reversed();
    }

    /** Return the messages from the first one to this one, each with those beside it. */
    List<HistoryEntry> shown(Optional<String> id) {
        Map<Optional<String>, List<String>> children = new HashMap<>();
        for (Entry entry : entries.values()) {
            children.computeIfAbsent(entry.parent(), parent -> new ArrayList<>())
                    .add(entry.id());
        }
        return upTo(id).stream()
                .map(entry -> shown(entry, children.getOrDefault(entry.parent(), List.of())))
                .toList();
    }

    private static HistoryEntry shown(Entry entry, List<String> siblings) {
        return new HistoryEntry(entry.id(), entry.parent(), entry.turn(), entry.created(), entry.message(), siblings);
    }

    /**
     * Return a conversation in which every tool call has a result: one that has none, because its turn ended early or the
     * conversation was taken up in the middle of a round, gets one that says so. Without it a back-end refuses the
     * conversation, and an engine might make the call again.
     */
    static List<Message> whole(List<Entry> conversation) {
        return messages(conversation, true);
    }

    /** Return a conversation as {@link #whole} does, whose last round is still open. */
    static List<Message> inRound(List<Entry> conversation) {
        return messages(conversation, false);
    }

    private static List<Message> messages(List<Entry> conversation, boolean over) {
        List<Message> messages = new ArrayList<>();
        List<ToolCall> calls = List.of();
        Set<String> answered = new HashSet<>();
        for (Entry entry : conversation) {
            Message message = entry.message();
            if (message.role().equals(Role.TOOL)) {
                message.toolCallId().ifPresent(answered::add);
            } else {
                addMissing(calls, answered, messages);
                calls = message.toolCalls();
                answered.clear();
            }
            messages.add(message);
        }
        if (over) {
            addMissing(calls, answered, messages);
        }
        return messages;
    }

    private static void addMissing(List<ToolCall> calls, Set<String> answered, List<Message> messages) {
        calls.stream()
                .map(ToolCall::id)
                .filter(answered::add)
                .forEach(id -> messages.add(Message.tool(id, NOT_FINISHED)));
    }
}
