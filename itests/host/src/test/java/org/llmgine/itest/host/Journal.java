package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the scripted provider saw, whatever the host says.
 *
 * @param file the file that it writes
 */
record Journal(Path file) {
    List<Entry> entries() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        return Files.readAllLines(file).stream().map(Entry::parse).toList();
    }

    /** Count the streams of a model that are open now. */
    long open(String model) throws IOException {
        List<Entry> entries = entries(model);
        return entries.stream().filter(entry -> entry.what().equals("open")).count() * 2 - entries.size();
    }

    List<Entry> entries(String model) throws IOException {
        return entries().stream().filter(entry -> entry.model().equals(model)).toList();
    }

    /** Check that the one stream of a model was cut, and how soon after its client left. */
    void assertCutWithin(Duration limit, String model, long leftEpochMs) throws IOException {
        Until.holds(limit, () -> model + " is still open", () -> open(model) == 0);
        assertThat(entries(model)).extracting(Entry::what).containsExactly("open", "cut");
        assertThat(Duration.ofMillis(entries(model).getLast().epochMs() - leftEpochMs))
                .isLessThan(limit);
    }

    /**
     * One event of a stream.
     *
     * @param epochMs when
     * @param what {@code open}, {@code end} after a whole answer, or {@code cut}
     * @param version the plugin's version
     * @param model the model
     */
    record Entry(long epochMs, String what, String version, String model) {
        private static Entry parse(String line) {
            String[] parts = line.split(" ", 4);
            return new Entry(Long.parseLong(parts[0]), parts[1], parts[2], parts[3]);
        }
    }
}
