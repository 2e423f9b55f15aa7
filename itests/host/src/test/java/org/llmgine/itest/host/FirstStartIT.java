package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What someone sees who starts the host for the first time, and for the second. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FirstStartIT {
    private static Host host;
    private static String key = "";
    private static String password = "";

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        host = Host.unpack("firststart")
                .without("LLMGINE_ADMIN_KEY")
                .without("LLMGINE_ADMIN_PASSWORD")
                .start();
        Until.holds(
                Duration.ofSeconds(5), () -> host.output(), () -> host.output().contains("curl "));
        key = printed(host, "key");
        password = printed(host, "password");
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @Test
    @Order(1)
    void theFirstStartPrintsTheAddressTheKeyThePasswordAndACurlLine() {
        assertThat(host.output()).contains(host.uri().toString()).containsPattern("curl -\\S*N");
        assertThat(key).hasSizeGreaterThanOrEqualTo(22);
        assertThat(password).hasSizeGreaterThanOrEqualTo(12);
        assertThat(host.api(key).get("/v1/models").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(1)
    void theKeyFileIsForItsOwnerOnly() throws IOException {
        Path file = host.data().resolve("cli.key");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(host.api(Files.readString(file).strip()).get("/v1/models").statusCode())
                .isEqualTo(200);
    }

    @Test
    @Order(1)
    void thePrintedCurlLineWorksWhenPastedAndItsEventsComeOneByOne() throws IOException, InterruptedException {
        long most = 0;
        // A test that stalls sees many at once.
        for (int tries = 0; tries < 3 && most <= 5; tries++) {
            most = Math.max(most, momentsOfEvents());
        }

        assertThat(most).as("moments, 5 ms each, at which events came").isGreaterThan(5);
    }

    /** Paste the line, check the answer, and count the moments of 5 ms at which its events came. */
    private static long momentsOfEvents() throws IOException, InterruptedException {
        Process curl = new ProcessBuilder("bash", "-c", curlLine())
                .directory(host.data().toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Long> times = new ArrayList<>();
        String last = "";
        try (BufferedReader lines = curl.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: ")) {
                    times.add(System.nanoTime());
                    last = line;
                }
            }
        }

        assertThat(curl.waitFor()).isZero();
        assertThat(last).isEqualTo("data: [DONE]");
        assertThat(times).hasSizeGreaterThan(10);
        return times.stream().map(time -> time / 5_000_000).distinct().count();
    }

    @Test
    @Order(1)
    void aLoginGivesAKeyThatServes() {
        String answer = host.api("")
                .post("/api/login", "{\"name\": \"admin\", \"password\": \"" + password + "\"}")
                .body();
        String shortLived = Api.parse(answer).path("key").asText();

        assertThat(shortLived).isNotEmpty();
        assertThat(host.api(shortLived).get("/v1/models").statusCode()).isEqualTo(200);
        assertThat(host.api("")
                        .post("/api/login", "{\"name\": \"admin\", \"password\": \"wrong\"}")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    @Order(2)
    void noSecretIsLogged() throws IOException {
        assertThat(host.everythingLogged()).isNotEmpty().doesNotContain(key, password);
    }

    @Test
    @Order(3)
    void theSecondStartPrintsNoCredentialsAndTheKeyStillServes() throws IOException, InterruptedException {
        assertThat(host.stop()).isZero();
        host.start();
        Until.holds(
                Duration.ofSeconds(5), () -> host.output(), () -> host.output().contains("curl "));

        assertThat(host.output()).doesNotContain(key, password);
        assertThat(host.api(key).get("/v1/models").statusCode()).isEqualTo(200);
    }

    /** Find what the first start prints behind a word, which comes a moment after the host is ready. */
    static String printed(Host host, String word) {
        Pattern line = Pattern.compile("(?im)^.*\\b" + word + "\\b[\\s:]+(\\S{12,})\\s*$");
        Until.holds(
                Duration.ofSeconds(5),
                () -> "No " + word + " in:\n" + host.output(),
                () -> line.matcher(host.output()).find());
        Matcher matcher = line.matcher(host.output());
        matcher.find();
        return matcher.group(1);
    }

    private static String curlLine() {
        return host.output()
                .lines()
                .dropWhile(line -> !line.strip().startsWith("curl "))
                .findFirst()
                .orElseThrow()
                .strip();
    }
}
