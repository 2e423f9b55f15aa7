package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsAreAligned() {
        Table table = new Table("NAME", "DOES").row("a", "漢字").row("longer", "x\ny");

        assertThat(table.lines(Integer.MAX_VALUE)).containsExactly("NAME    DOES", "a       漢字", "longer  x y");
    }

    @Test
    void theWidestColumnGivesWayButNeverTheFirst() {
        Table table =
                new Table("NAME", "DOES", "STATE").row("a-rather-long-name", "a long description of it", "active");

        assertThat(table.lines(40))
                .containsExactly("NAME                DOES          STATE", "a-rather-long-name  a long desc…  active");
        assertThat(table.lines(34)).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(34));
        assertThat(table.lines(34).get(1)).startsWith("a-rather-long-name  ");
    }

    @Test
    void whereThereIsNoRoomTheRestStandsBelowTheFirstColumn() {
        Table table = new Table("NAME", "DOES", "STATE").row("a-rather-long-name", "a long description", "active");

        assertThat(table.lines(20)).containsExactly("a-rather-long-name", "  a long descriptio…");
        assertThat(table.lines(30)).containsExactly("a-rather-long-name", "  a long description, active");
    }

    @Test
    void headingsStayWholeWhileThereIsRoom() {
        Table table = new Table("A", "LONG HEADING", "B").row("1", "x", "a text that is longer than all others");

        assertThat(table.lines(30).getFirst()).isEqualTo("A  LONG HEADING  B");
        assertThat(new Table("A").isEmpty()).isTrue();
        assertThat(table.isEmpty()).isFalse();
    }
}
