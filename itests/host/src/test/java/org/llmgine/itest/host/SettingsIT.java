package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(SharedHost.class)
final class SettingsIT {
    /** {@code EX_CONFIG} of sysexits. */
    private static final int BAD_SETTINGS = 78;

    private static Host wrong;

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        wrong = Host.unpack("wrong");
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({
        "LLMGINE_HTTP_PORT, eighty",
        "LLMGINE_HTTP_PORT, 70000",
        "LLMGINE_HTTP_PORT, -1",
        "LLMGINE_SSH_PORT, x",
        "LLMGINE_HTTP_HOST, 'no host'",
        "LLMGINE_HTTPS_PORT, 70000",
        "LLMGINE_TLS_CERTIFICATE, /nowhere/certificate.pem",
        "LLMGINE_ADMIN_KEY, tiny-key",
        "LLMGINE_DATA, /proc/version/data",
        "LLMGINE_DEFAULT_MODEL, ' '",
    })
    void aBadVariableStopsTheStartWithOneLineThatNamesItAndWhatIsAllowed(String variable, String value)
            throws IOException, InterruptedException {
        Optional<String> good = wrong.variable(variable);
        wrong.with(variable, value).launch();
        int code = wrong.awaitExit();
        good.ifPresentOrElse(kept -> wrong.with(variable, kept), () -> wrong.without(variable));

        assertThat(code).as(wrong.output()).isEqualTo(BAD_SETTINGS);
        assertThat(wrong.output().strip()).contains(variable).hasSizeGreaterThan(variable.length() + 20);
        assertThat(wrong.output().strip().lines()).hasSize(1);
        if (variable.equals("LLMGINE_ADMIN_KEY")) {
            assertThat(wrong.output()).doesNotContain(value);
        }
    }

    @Test
    void aBadFileLeavesItsInstanceOutReportedUntilItIsMended(Host host) throws IOException {
        String pid = SharedHost.INSTANCE_PID + "-bad";
        host.withSettings(pid, "limit = 99\n");
        try {
            Until.holds(
                    Duration.ofSeconds(10),
                    () -> "not reported in " + host.api().json("/api/providers"),
                    () -> provider(host, "scripted~bad").path("state").asText().equals("failed"));
            assertThat(provider(host, "scripted~bad").path("problem").asText()).contains("limit");
            assertThat(host.api().askWhole("scripted~bad/greet", "").statusCode())
                    .isIn(404, 503);
            assertThat(host.api().ask("scripted~main/greet", "").isWhole()).isTrue();

            host.withSettings(pid, "limit = 9\ngreeting = mended\n");
            Until.holds(
                    Duration.ofSeconds(10),
                    () -> "the mended instance does not serve",
                    () -> host.api().ask("scripted~bad/greet", "").text().startsWith("mended "));
        } finally {
            Files.delete(host.home().resolve("etc/" + pid + ".cfg"));
        }
    }

    @Test
    void twoHostsRunSideBySide(Host host) throws IOException, InterruptedException {
        try (Host second = Host.unpack("second").start()) {
            assertThat(second.api().ask("offline/demo", "Hello!").isWhole()).isTrue();
            assertThat(host.api().ask("offline/demo", "Hello!").isWhole()).isTrue();
            assertThat(second.stop()).isZero();
        }
        assertThat(host.api().ask("offline/demo", "Hello!").isWhole()).isTrue();
    }

    private static JsonNode provider(Host host, String name) {
        return host.api().instance("providers", name);
    }
}
