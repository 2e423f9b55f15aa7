package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.cli.Screen.Look;

class ScreenTest {
    @SuppressWarnings("NullAway.Init") // each test makes it
    private FakeTerminal fake;

    @AfterEach
    void close() throws IOException {
        fake.close();
    }

    @Test
    void textIsBrokenBetweenWordsAlsoWhenTheyComeInPieces() throws IOException {
        Screen screen = screen("xterm", 11, false);
        for (String piece : List.of("one ", "two thr", "ee four")) {
            screen.text(Look.PLAIN, piece);
        }
        screen.endLine();

        assertThat(shown()).isEqualTo("one two\nthree four\n");
    }

    @Test
    void aWordThatFillsTheLineIsCut() throws IOException {
        Screen screen = screen("xterm", 6, false);
        screen.text(Look.PLAIN, "abcdefgh");
        screen.endLine();

        assertThat(shown()).isEqualTo("abcde\nfgh\n");
    }

    @Test
    void aSpaceAtTheEdgeBecomesTheBreak() throws IOException {
        Screen screen = screen("xterm", 6, false);
        screen.text(Look.PLAIN, "abcde fgh");

        assertThat(shown()).isEqualTo("abcde\nfgh");
    }

    @Test
    void wideCharactersAreBrokenAnywhere() throws IOException {
        Screen screen = screen("xterm", 6, false);
        screen.text(Look.PLAIN, "漢字漢字");

        assertThat(shown()).isEqualTo("漢字\n漢字");
    }

    @Test
    void codeInAFenceIsLeftAlone() throws IOException {
        Screen screen = screen("xterm", 11, false);
        screen.text(Look.PLAIN, "```\nprint(1, 2, 3, 4)\n```\none two three");

        assertThat(shown()).isEqualTo("```\nprint(1, 2, 3, 4)\n```\none two\nthree");
    }

    @Test
    void linesThatChangeStandBelowTheTextThatGoesOn() throws IOException {
        Screen screen = screen("xterm", 40, true);
        screen.text(Look.PLAIN, "one ");
        screen.change(List.of("waiting", "and waiting"), Look.DIM);
        screen.change(List.of("more"), Look.DIM);
        screen.text(Look.PLAIN, "two");

        assertThat(fake.all())
                .isEqualTo("one \n\033[2mwaiting\033[0m\n\033[2mand waiting\033[0m\r\033[K\033[A\033[K\033[A\033[4C"
                        + "\n\033[2mmore\033[0m\r\033[K\033[A\033[4Ctwo");
    }

    @Test
    void aDumbTerminalGetsPlainLinesOnly() throws IOException {
        Screen screen = screen("dumb", 11, true);
        screen.change(List.of("waiting"), Look.DIM);
        screen.text(Look.DIM, "one two three four");
        screen.line(screen.styled(Look.BAD, "bad"));

        assertThat(screen.moving()).isFalse();
        assertThat(fake.all()).isEqualTo("one two three four\nbad\n");
    }

    @Test
    void aTerminalThatTellsNoWidthHasTheUsualOne() throws IOException {
        assertThat(screen("xterm", 0, true).width()).isEqualTo(79);
    }

    private Screen screen(String type, int columns, boolean looks) throws IOException {
        fake = new FakeTerminal(type, columns);
        return new Screen(fake.terminal, looks);
    }

    /** What stands on the screen, as far as the steering that breaking words needs is understood. */
    private String shown() {
        StringBuilder shown = new StringBuilder();
        String all = fake.all();
        for (int i = 0; i < all.length(); i++) {
            if (all.startsWith("\033[", i)) {
                int end = all.indexOf('D', i);
                shown.setLength(shown.length() - Integer.parseInt(all.substring(i + 2, end)));
                assertThat(all.startsWith("\033[K", end + 1)).isTrue();
                i = end + 3;
            } else {
                shown.append(all.charAt(i));
            }
        }
        return shown.toString().replace(" \n", "\n");
    }
}
