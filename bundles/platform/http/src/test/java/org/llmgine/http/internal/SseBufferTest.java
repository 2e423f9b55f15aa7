package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseBufferTest {
    private final SseBuffer buffer = new SseBuffer();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "\"quoted\" \\ and / slashed",
                "line\nreturn\rtab\tbell\u0007null\u0000delete\u007f",
                "é ß Ω ж",
                "漢字 \u2028 \u2029 \ufeff",
                "😀 𝄞 👩‍👩‍👧"
            })
    void aJsonParserReadsBackWhatWasEscaped(String text) throws Exception {
        assertThat(parsed(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 10, 99, 100, 1234567890123L, Long.MAX_VALUE})
    void aNumberIsWrittenInDecimal(long number) {
        buffer.number(number).number(7);

        assertThat(written()).isEqualTo(number + "7");
    }

    @Test
    void anEventNeverContainsALineBreak() {
        buffer.escaped("a\nb\rc");

        assertThat(written()).isEqualTo("a\\nb\\rc");
    }

    @Test
    void halvesOfACharacterSurviveInTwoDeltas() throws Exception {
        String smile = "😀";
        String first = parsed(smile.substring(0, 1));
        buffer.clear();
        String second = parsed(smile.substring(1));

        assertThat(first + second).isEqualTo(smile);
    }

    @Test
    void aHighSurrogateBeforeAnotherCharacterIsKept() throws Exception {
        assertThat(parsed("\ud83dx\ude00")).isEqualTo("\ud83dx\ude00");
    }

    @Test
    void anyTextFitsHoweverLong() throws Exception {
        Random random = new Random(42);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append((char) random.nextInt(0x800));
        }

        assertThat(parsed(text.toString())).isEqualTo(text.toString());
    }

    @Test
    void rawBytesAndTextFollowEachOther() {
        buffer.raw("[".getBytes(StandardCharsets.UTF_8)).escaped("é").raw("]".getBytes(StandardCharsets.UTF_8));

        assertThat(written()).isEqualTo("[é]");
        buffer.clear();
        assertThat(buffer.length()).isZero();
    }

    private String parsed(String text) throws Exception {
        buffer.escaped(text);
        return new JsonMapper().readValue("\"" + written() + "\"", String.class);
    }

    private String written() {
        return new String(buffer.bytes(), 0, buffer.length(), StandardCharsets.UTF_8);
    }
}
