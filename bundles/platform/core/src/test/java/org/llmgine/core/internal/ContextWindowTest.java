package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;

class ContextWindowTest {
    private static final Message SYSTEM = Message.system("be brief");
    private static final Message CALLS =
            Message.assistant("", List.of(new ToolCall("1", "a", "{}"), new ToolCall("2", "b", "{}")));
    private static final Message RESULT_1 = Message.tool("1", "one");
    private static final Message RESULT_2 = Message.tool("2", "two");

    @Test
    void whatFitsIsShownAsItIs() {
        List<Message> messages = List.of(SYSTEM, Message.user("a"), Message.assistant("b"));

        assertThat(new ContextWindow(3, 100).fit(messages)).isEqualTo(messages);
        assertThat(new ContextWindow(3, 100).fit(List.of())).isEmpty();
    }

    @Test
    void theOldestGoFirstAndTheSystemMessageStays() {
        assertThat(trimmed(
                        3,
                        1000,
                        SYSTEM,
                        Message.user("a"),
                        Message.assistant("b"),
                        Message.user("c"),
                        Message.assistant("d")))
                .containsExactly(SYSTEM, Message.user("c"), Message.assistant("d"));
    }

    @Test
    void anAnswerGoesWithItsQuestion() {
        assertThat(trimmed(
                        3, 1000, Message.user("a"), Message.assistant("b"), Message.user("c"), Message.assistant("d")))
                .containsExactly(Message.user("c"), Message.assistant("d"));
    }

    @Test
    void aToolCallIsNeverSeparatedFromItsResults() {
        assertThat(trimmed(
                        4,
                        1000,
                        Message.user("a"),
                        CALLS,
                        RESULT_1,
                        RESULT_2,
                        Message.assistant("b"),
                        Message.user("c"),
                        Message.assistant("d")))
                .containsExactly(Message.user("c"), Message.assistant("d"));
    }

    @Test
    void theRoundUnderWayStaysWithItsQuestion() {
        assertThat(trimmed(
                        2,
                        1000,
                        Message.user("a"),
                        Message.assistant("b"),
                        Message.user("c"),
                        CALLS,
                        RESULT_1,
                        RESULT_2))
                .containsExactly(Message.user("c"), CALLS, RESULT_1, RESULT_2);
    }

    @Test
    void aSystemMessageThatIsTooLongDoesNotEmptyTheHistory() {
        Message longSystem = Message.system("x".repeat(500));
        assertThat(trimmed(10, 100, longSystem, Message.user("a"), Message.assistant("b"), Message.user("c")))
                .containsExactly(longSystem, Message.user("c"));
    }

    @Test
    void aQuestionThatIsTooLongDoesNotEmptyTheHistory() {
        Message longQuestion = Message.user("x".repeat(500));
        assertThat(trimmed(10, 100, Message.user("a"), Message.assistant("b"), longQuestion))
                .containsExactly(longQuestion);
    }

    @Test
    void callsCountWithTheirArguments() {
        Message big = Message.assistant("", List.of(new ToolCall("1", "a", "x".repeat(200))));
        assertThat(trimmed(10, 100, Message.user("a"), big, RESULT_1, Message.user("b")))
                .containsExactly(Message.user("b"));
    }

    @RepeatedTest(200)
    void whateverTheConversationTheRulesHold(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Message> messages = conversation(random);
        ContextWindow window = new ContextWindow(1 + random.nextInt(12), 1 + random.nextInt(60));

        List<Message> shown = window.fit(messages);

        assertThat(messages).containsSubsequence(shown);
        assertThat(shown).contains(messages.getLast());
        assertThat(shown)
                .containsAll(messages.stream()
                        .filter(m -> m.role().equals(Role.SYSTEM))
                        .toList());
        messages.stream()
                .filter(m -> m.role().equals(Role.USER))
                .reduce((first, second) -> second)
                .ifPresent(last -> assertThat(shown).contains(last));
        Set<String> called = new HashSet<>();
        Set<String> answered = new HashSet<>();
        for (Message message : shown) {
            message.toolCalls().forEach(call -> called.add(call.id()));
            message.toolCallId().ifPresent(id -> {
                assertThat(called).contains(id);
                answered.add(id);
            });
        }
        assertThat(answered).isEqualTo(called);
    }

    private static List<Message> conversation(Random random) {
        List<Message> messages = new ArrayList<>();
        if (random.nextBoolean()) {
            messages.add(Message.system("system"));
        }
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            messages.add(Message.user("question " + i + "?".repeat(random.nextInt(20))));
            for (int round = random.nextInt(3); round > 0; round--) {
                String id = i + "." + round;
                messages.add(Message.assistant(
                        "", List.of(new ToolCall(id + "a", "a", "{}"), new ToolCall(id + "b", "b", "{}"))));
                messages.add(Message.tool(id + "a", "result"));
                messages.add(Message.tool(id + "b", "result"));
            }
            messages.add(Message.assistant("answer " + i));
        }
        return messages;
    }

    private static List<Message> trimmed(int maxMessages, int maxChars, Message... messages) {
        return new ContextWindow(maxMessages, maxChars).fit(List.of(messages));
    }
}
