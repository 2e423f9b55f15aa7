package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of a proof: a table and JSON in {@code target/prove} of the repository. */
final class Report {
    private final String name;
    private final Map<String, Object> figures = new LinkedHashMap<>();

    Report(String name) {
        this.name = name;
        add("processors", Runtime.getRuntime().availableProcessors());
        add("java", Runtime.version().toString());
    }

    Report add(String figure, Object value) {
        figures.put(figure, value);
        return this;
    }

    void write() throws IOException {
        Path folder = Files.createDirectories(Fixtures.MODULE.resolve("../../target/prove"));
        Path file = folder.resolve(name + ".json").normalize();
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), figures);
        StringBuilder table = new StringBuilder();
        figures.forEach((figure, value) -> table.append("  %-66s %s%n".formatted(figure, value)));
        Files.writeString(
                folder.resolve(name + ".txt"),
                table.append("  JSON: ").append(file).append('\n'));
    }
}
