package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.spi.SessionStore.Entry;

class HistoryTest {
    private static final ToolCall FIRST = new ToolCall("1", "a", "{}");
    private static final ToolCall SECOND = new ToolCall("2", "b", "{}");

    @Test
    void aWayGoesFromTheFirstMessageAndEachTellsThoseBesideIt() {
        History history = new History(List.of(
                entry("a", "", "A"),
                entry("b", "a", "B"),
                entry("c", "a", "C"),
                entry("d", "c", "D"),
                entry("e", "", "E")));

        assertThat(history.upTo(Optional.of("d"))).extracting(Entry::id).containsExactly("a", "c", "d");
        assertThat(history.upTo(Optional.empty())).isEmpty();
        List<HistoryEntry> shown = history.shown(Optional.of("d"));
        assertThat(shown).extracting(HistoryEntry::id).containsExactly("a", "c", "d");
        assertThat(shown)
                .extracting(HistoryEntry::siblings)
                .containsExactly(List.of("a", "e"), List.of("b", "c"), List.of("d"));
    }

    @Test
    void everyCallWithoutAResultGetsOneWhereItsRoundEnds() {
        List<Message> whole = whole(
                Message.user("go"),
                Message.assistant("", List.of(FIRST, SECOND)),
                Message.tool("2", "B"),
                Message.user("again"),
                Message.assistant("", List.of(FIRST)),
                Message.tool("1", "A"),
                Message.assistant("", List.of(SECOND)));

        assertThat(whole).hasSize(9);
        assertThat(whole)
                .extracting(message -> message.toolCallId().orElse(""))
                .containsExactly("", "", "2", "1", "", "", "1", "", "2");
        assertThat(List.of(whole.get(3), whole.get(8)))
                .allSatisfy(message -> assertThat(message.text()).contains("ended before this call gave a result"));
    }

    @Test
    void aConversationThatIsWholeStaysAsItIs() {
        Message[] messages = {
            Message.user("go"),
            Message.assistant("", List.of(FIRST, SECOND)),
            Message.tool("1", "A"),
            Message.tool("2", "B"),
            Message.assistant("done")
        };

        assertThat(whole(messages)).containsExactly(messages);
        assertThat(whole()).isEmpty();
    }

    private static List<Message> whole(Message... messages) {
        List<Entry> entries = new ArrayList<>();
        for (Message message : messages) {
            entries.add(new Entry("m" + entries.size(), Optional.empty(), Optional.empty(), Instant.EPOCH, message));
        }
        return History.whole(entries);
    }

    private static Entry entry(String id, String parent, String text) {
        return new Entry(
                id,
                Optional.of(parent).filter(name -> !name.isEmpty()),
                Optional.empty(),
                Instant.EPOCH,
                Message.user(text));
    }
}
