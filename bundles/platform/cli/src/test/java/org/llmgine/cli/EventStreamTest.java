package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {
    @Test
    void eventsEndWithAnEmptyLine() throws IOException {
        assertThat(read("data: one\n\ndata: two\n\n")).containsExactly("one", "two");
    }

    @Test
    void commentsAndOtherFieldsAreSkipped() throws IOException {
        assertThat(read(": ping\n\nid: 7\nevent: delta\ndata: one\nretry: 5\n\n: ping\n\n: ping\n\ndata: two\n\n"))
                .containsExactly("one", "two");
    }

    @Test
    void linesMayEndInAnyWay() throws IOException {
        assertThat(read("data: one\r\n\r\ndata: two\r\rdata: three\n\n")).containsExactly("one", "two", "three");
    }

    @Test
    void dataMayHaveSeveralLines() throws IOException {
        assertThat(read("data: {\ndata:\"a\": 1\ndata\ndata: }\n\n")).containsExactly("{\n\"a\": 1\n\n}");
    }

    @Test
    void onlyOneSpaceIsTakenOff() throws IOException {
        assertThat(read("data:  two spaces\n\n")).containsExactly(" two spaces");
    }

    @Test
    void anEventThatTheEndCutsIsNone() throws IOException {
        assertThat(read("data: one\n\ndata: tw")).containsExactly("one");
    }

    private static List<String> read(String text) throws IOException {
        List<String> events = new ArrayList<>();
        try (EventStream stream = new EventStream(new ByteArrayInputStream(text.getBytes(UTF_8)))) {
            for (EventStream.Event event = stream.next(); event != null; event = stream.next()) {
                events.add(event.data());
            }
        }
        return events;
    }

    @Test
    void idsAndNamesAreTold() throws IOException {
        String text = "id: 7\nevent: delta\ndata: one\n\nevent: lonely\n\ndata: two\n\nid\ndata: three\n\n";
        try (EventStream stream = new EventStream(new ByteArrayInputStream(text.getBytes(UTF_8)))) {
            assertThat(stream.next()).isEqualTo(new EventStream.Event("7", "delta", "one"));
            assertThat(stream.next()).isEqualTo(new EventStream.Event("7", "", "two"));
            assertThat(stream.next()).isEqualTo(new EventStream.Event("", "", "three"));
            assertThat(stream.next()).isNull();
        }
    }
}
