package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keeps docs/http-api.md true; what a failure shows as expected is what belongs there. */
class DocumentationTest {
    private static final Path PAGE = Path.of("../../../docs/http-api.md");

    @Test
    void theFieldsAreTheTables() throws IOException {
        assertThat(between("fields")).isEqualTo(ChatField.table());
    }

    @Test
    void theCodesAreTheTables() throws IOException {
        TreeMap<Integer, TreeSet<String>> codes = new TreeMap<>();
        Problem.STATUS.forEach((code, status) ->
                codes.computeIfAbsent(status, any -> new TreeSet<>()).add("`" + code + "`"));
        String rows = codes.entrySet().stream()
                .map(row -> "| " + row.getKey() + " | " + String.join(", ", row.getValue()) + " |")
                .collect(Collectors.joining("\n"));

        assertThat(between("errors")).isEqualTo("| status | codes |\n|---|---|\n" + rows);
    }

    @Test
    void everySettingIsThere() throws IOException {
        String page = Files.readString(PAGE);
        for (Method setting : HttpConfig.class.getDeclaredMethods()) {
            assertThat(page).contains("`" + setting.getName() + "`");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "maxBodyBytes,10485760",
        "maxRestoreBytes,4294967296",
        "maxPluginBytes,268435456",
        "restoreTimeoutMs,600000",
        "headTimeoutMs,10000",
        "bodyTimeoutMs,30000",
        "maxStreamsPerKey,2000",
        "requestsPerSecondPerKey,0",
        "heartbeatMs,5000",
        "readyTimeoutMs,30000"
    })
    void theDefaultsAreThePages(String setting, String value) throws Exception {
        Object real = HttpConfig.class.getDeclaredMethod(setting).invoke(Host.config(Map.of()));

        assertThat(real).hasToString(value);
    }

    private static String between(String mark) throws IOException {
        String page = Files.readString(PAGE);
        String begin = "<!-- " + mark + " -->\n";
        return page.substring(page.indexOf(begin) + begin.length(), page.indexOf("\n<!-- /" + mark + " -->"));
    }
}
