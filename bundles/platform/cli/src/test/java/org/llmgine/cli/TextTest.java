package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TextTest {
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");

    @Test
    void whatSteersATerminalIsTakenOut() {
        assertThat(Text.plain("a\033[31mb\007\tc\r\nd\u009be\u007f")).isEqualTo("a[31mb\tc\nde");
        assertThat(Text.plain("Grüße 漢字")).isEqualTo("Grüße 漢字");
        assertThat(Text.line(" a\n\n b\tc ")).isEqualTo("a b c");
    }

    @Test
    void wideCharactersTakeTwoColumns() {
        assertThat(Text.width("ab")).isEqualTo(2);
        assertThat(Text.width("漢字")).isEqualTo(4);
        assertThat(Text.cut("漢字漢字", 6)).isEqualTo("漢字…");
        assertThat(Text.cut("abcdef", 6)).isEqualTo("abcdef");
        assertThat(Text.cut("abc defg", 5)).isEqualTo("abc…");
    }

    @Test
    void agesAreForPeople() {
        assertThat(Text.ago("2026-06-15T11:59:30Z", NOW)).isEqualTo("just now");
        assertThat(Text.ago("2026-06-15T12:00:09Z", NOW)).isEqualTo("just now");
        assertThat(Text.ago("2026-06-15T11:55:00Z", NOW)).isEqualTo("5 min ago");
        assertThat(Text.ago("2026-06-14T12:00:00Z", NOW)).isEqualTo("24 h ago");
        assertThat(Text.ago("2026-06-10T12:00:00Z", NOW)).isEqualTo("5 days ago");
        assertThat(Text.ago("2026-01-10T12:00:00Z", NOW)).isEqualTo("10 Jan 2026");
        assertThat(Text.ago("once", NOW)).isEqualTo("once");
    }

    @Test
    void spansAreForPeople() {
        assertThat(Text.until("2026-06-15T11:59:00Z", NOW)).isEqualTo("expired");
        assertThat(Text.until("2026-06-15T12:00:20Z", NOW)).isEqualTo("within a minute");
        assertThat(Text.until("2026-06-15T14:00:00Z", NOW)).isEqualTo("in 2 h");
        assertThat(Text.until("2027-06-15T12:00:00Z", NOW)).isEqualTo("15 Jun 2027");
        assertThat(Text.until("never", NOW)).isEqualTo("never");
        assertThat(Text.took(12)).isEqualTo("12 ms");
        assertThat(Text.took(1_250)).isEqualTo("1.3 s");
        assertThat(Text.took(125_000)).isEqualTo("2 min 5 s");
        assertThat(Text.count(1, "token")).isEqualTo("1 token");
        assertThat(Text.count(2, "token")).isEqualTo("2 tokens");
    }
}
