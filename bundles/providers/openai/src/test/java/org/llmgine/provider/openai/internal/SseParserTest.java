package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

class SseParserTest {
    private static final int LIMIT = 40;

    @Test
    void linesEndInThreeWays() {
        assertThat(parse("data: a\n\ndata: b\r\rdata: c\r\n\r\ndata:d\r\n\n")).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aCarriageReturnAtTheEndOfAPieceMayBeHalfOfALineEnd() {
        assertThat(parse("data: a\r", "\ndata: b\r", "\n\r", "\ndata: c\r\n", "\r\n"))
                .containsExactly("a\nb", "c");
    }

    @Test
    void manyLinesOfDataAreJoined() {
        assertThat(parse("data: a\ndata\ndata:  b\n: not this\ndata: ", "c\n\n", "data: d\n\n"))
                .containsExactly("a\n\n b\nc", "d");
    }

    @Test
    void commentsOtherFieldsAndTheMarkArePassedOver() {
        assertThat(parse("\uFEFF: hello\nid: 1\nretry: 5\ndatum: x\ndata: a\n\n\n\n:\n\n"))
                .containsExactly("a");
    }

    @Test
    void onlyAnEventNamedErrorIsTold() {
        assertThat(parse("event: error\ndata: a\n\ndata: b\n\nevent: errors\ndata: c\n\nevent: error\n\ndata: d\n\n"))
                .containsExactly("error a", "b", "c", "d");
    }

    @Test
    void theEndEndsTheLastEventToo() {
        assertThat(parse("data: a\n\ndata: b")).containsExactly("a", "b");
        assertThat(parse("data: a\n")).containsExactly("a");
        assertThat(parse("", "\u00ef")).isEmpty();
        assertThat(parse()).isEmpty();
    }

    @Test
    void aLineAndAnEventHaveALimitWhereverTheyAreCut() {
        String line = "data: " + "x".repeat(LIMIT - 6);
        assertThat(parse(line + "\n\n" + line + "\n\n")).hasSize(2);
        for (String[] pieces : new String[][] {
            {"data: ok\n\n" + line + "x\n\n"},
            {"data: ok\n\ndata: ", "x".repeat(LIMIT - 5)},
            {"data: ok\n\n" + "data: 123\n".repeat(5) + "\n"},
            {"data: ok\n\ndata: 123\n" + ": comment\n".repeat(3), ": comment\n"},
        }) {
            List<String> events = new ArrayList<>();
            assertThatThrownBy(() -> parse(events, pieces)).isInstanceOfSatisfying(LlmgineException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
                assertThat(e.hint().orElseThrow()).contains("maxAnswerBytes");
            });
            assertThat(events).containsExactly("ok");
        }
        assertThat(parse(": ping\n: ping\n: ping\n: ping\n: ping\n", "data: a\n\n"))
                .containsExactly("a");
    }

    @Test
    void aLineThatDoesNotEndIsNotWaitedFor() {
        SseParser parser = new SseParser(LIMIT);
        parser.feed(ByteBuffer.wrap(new byte[LIMIT]));
        assertThat(parser.next()).isFalse();
        parser.feed(ByteBuffer.wrap(new byte[1]));

        assertThatThrownBy(parser::next).isInstanceOf(LlmgineException.class);
    }

    private static List<String> parse(String... pieces) {
        List<String> events = new ArrayList<>();
        parse(events, pieces);
        return events;
    }

    private static void parse(List<String> events, String... pieces) {
        SseParser parser = new SseParser(LIMIT);
        for (String piece : pieces) {
            parser.feed(ByteBuffer.wrap(piece.getBytes(UTF_8)));
            while (parser.next()) {
                events.add(event(parser));
            }
        }
        if (parser.last()) {
            events.add(event(parser));
        }
    }

    private static String event(SseParser parser) {
        return (parser.isError() ? "error " : "") + new String(parser.data(), parser.offset(), parser.length(), UTF_8);
    }
}
