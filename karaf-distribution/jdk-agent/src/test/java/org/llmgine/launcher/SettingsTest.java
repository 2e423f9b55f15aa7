package org.llmgine.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void useFreePorts() throws IOException {
        environment.put("LLMGINE_HTTP_PORT", Integer.toString(freePort()));
        environment.put("LLMGINE_SSH_PORT", "0");
    }

    @Test
    void acceptsGoodSettingsAndMakesTheDataFolder() {
        environment.putAll(Map.of(
                "LLMGINE_HTTP_HOST", "localhost",
                "LLMGINE_ADMIN_KEY", "0123456789abcdef",
                "LLMGINE_ADMIN_PASSWORD", "12345678",
                "LLMGINE_DEFAULT_MODEL", "openai~work/gpt-5/mini:latest"));

        assertThat(problem()).isEmpty();
        assertThat(folder.resolve("data/tmp")).isDirectory();
        assertThat(folder.resolve("data")).isDirectoryNotContaining("glob:**writable*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0", " true ", "FALSE"})
    void acceptsWhetherEventsAreKept(String value) {
        environment.put("LLMGINE_PERSIST_EVENTS", value);
        assertThat(problem()).isEmpty();
    }

    @Test
    void refusesWhatSaysNeitherYesNorNo() {
        environment.put("LLMGINE_PERSIST_EVENTS", "yes");
        assertThat(problem()).contains("LLMGINE_PERSIST_EVENTS=yes says neither yes nor no; allowed are 1 and 0.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "offline/demo",
                "engine-room/model",
                "default-2",
                "openai/org/model",
                "a",
                "openai/gpt offline/demo",
                " fast,\topenai/a , b/c ",
            })
    void acceptsModelNames(String model) {
        environment.put("LLMGINE_DEFAULT_MODEL", model);
        assertThat(problem()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'',''",
        "' ',''",
        "/demo,/demo",
        "offline/,offline/",
        "engine/tool-chat,engine/tool-chat",
        "offline/demo engine/tool-chat,engine/tool-chat",
        "'a/b,default',default",
        "default,default"
    })
    void refusesWhatNamesNoModel(String value, String model) {
        environment.put("LLMGINE_DEFAULT_MODEL", value);
        assertThat(problem())
                .contains("LLMGINE_DEFAULT_MODEL=" + value + ": '" + model
                        + "' names no model; allowed are instance/model (offline/demo) and an alias.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " https://api.test/v1 ",
                "http://127.0.0.1:8000/v1",
                "HTTP://[::1]:80",
                "http://x/?v=1",
                "http://x?v"
            })
    void acceptsAddressesOfAnApi(String url) {
        environment.put("LLMGINE_OPENAI_BASE_URL", url);
        assertThat(problem()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"api.test/v1", "ftp://x/v1", "http:///v1", "http://user:hush@x/v1", "http://x/#f", "http://a b"})
    void refusesWhatIsNoAddressOfAnApi(String url) {
        environment.put("LLMGINE_OPENAI_BASE_URL", url);
        assertThat(problem().orElseThrow())
                .startsWith("LLMGINE_OPENAI_BASE_URL is no address")
                .doesNotContain("hush");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jdbc:postgresql://db.test:5432/llmgine?ssl=true",
                "jdbc:postgresql://a:1,b:2/llmgine",
                "postgres://user:pass@db.test/llmgine",
                "postgresql://db.test/llmgine"
            })
    void acceptsAddressesOfPostgres(String url) {
        environment.put("LLMGINE_DB_URL", url);
        assertThat(problem()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:x", "jdbc:mysql://u:hush@x/y", "postgres://u:hush@x", "jdbc:postgresql:///y", "x"})
    void refusesWhatIsNoAddressOfPostgres(String url) {
        environment.put("LLMGINE_DB_URL", url);
        assertThat(problem().orElseThrow())
                .startsWith("LLMGINE_DB_URL is no address of a PostgreSQL database")
                .doesNotContain("hush");
    }

    @ParameterizedTest
    @CsvSource({
        "LLMGINE_ADMIN_KEY,short-secret-15,16",
        "LLMGINE_ADMIN_PASSWORD,1234567,8",
        "LLMGINE_ADMIN_KEY,'',16",
        "LLMGINE_SECRET_KEY,only-31-characters-are-no-key--,32"
    })
    void refusesShortSecretsWithoutShowingThem(String variable, String secret, int least) {
        environment.put(variable, secret);
        assertThat(problem())
                .contains(variable + " is too short: it needs at least " + least + " characters, or must be unset.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "-1", "http", ""})
    void refusesWhatIsNoPort(String port) {
        environment.put("LLMGINE_HTTP_PORT", port);
        assertThat(problem()).contains("LLMGINE_HTTP_PORT=" + port + " is no port; allowed is 1 to 65535.");
    }

    @Test
    void refusesWhatIsNoSshPort() {
        environment.put("LLMGINE_SSH_PORT", "x");
        assertThat(problem()).contains("LLMGINE_SSH_PORT=x is no port; allowed is 0 (no SSH) to 65535.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LLMGINE_HTTP_PORT|to a free port.",
                "LLMGINE_SSH_PORT|to a free port, or to 0 for no SSH.",
            })
    void refusesPortsInUse(String variable, String remedy) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            environment.put(variable, Integer.toString(taken.getLocalPort()));
            assertThat(problem())
                    .contains(variable + "=" + taken.getLocalPort() + " is in use on 127.0.0.1 or not permitted; set "
                            + variable + " " + remedy);
        }
    }

    @Test
    void knowsTheUsualPortWhenNoneIsSet() throws IOException {
        environment.remove("LLMGINE_HTTP_PORT");
        InetAddress elsewhere = InetAddress.ofLiteral("127.0.0.2");
        environment.put("LLMGINE_HTTP_HOST", "127.0.0.2");
        try (ServerSocket taken = new ServerSocket(8181, 1, elsewhere)) {
            assertThat(problem()).hasValueSatisfying(p -> assertThat(p).startsWith("LLMGINE_HTTP_PORT=8181 is in use"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|LLMGINE_HTTP_HOST is empty",
                "no.such.host.invalid|LLMGINE_HTTP_HOST=no.such.host.invalid can't be resolved",
                "192.0.2.1|LLMGINE_HTTP_HOST=192.0.2.1 is not this machine's",
            })
    void refusesHosts(String host, String said) {
        environment.put("LLMGINE_HTTP_HOST", host);
        assertThat(problem())
                .contains(said + "; allowed is a name or address of this machine (127.0.0.1, 0.0.0.0 for all).");
    }

    @Test
    void acceptsTls() throws IOException {
        Path certificate = Files.createFile(folder.resolve("certificate.pem"));
        environment.putAll(Map.of(
                "LLMGINE_HTTPS_PORT", Integer.toString(freePort()),
                "LLMGINE_HTTPS_HOST", "127.0.0.1",
                "LLMGINE_TLS_CERTIFICATE", certificate.toString(),
                "LLMGINE_TLS_KEY", certificate.toString()));
        assertThat(problem()).isEmpty();
    }

    @Test
    void refusesAnHttpsPortInUseAndAHostThatIsNone() throws IOException {
        environment.put("LLMGINE_HTTPS_HOST", "127.0.0.1");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            environment.put("LLMGINE_HTTPS_PORT", Integer.toString(taken.getLocalPort()));
            assertThat(problem())
                    .contains("LLMGINE_HTTPS_PORT=" + taken.getLocalPort() + " is in use on 127.0.0.1 or not permitted;"
                            + " set LLMGINE_HTTPS_PORT to a free port, or to 0 for no HTTPS.");
        }
        environment.put("LLMGINE_HTTPS_PORT", "x");
        assertThat(problem()).contains("LLMGINE_HTTPS_PORT=x is no port; allowed is 0 (no HTTPS) to 65535.");
        environment.put("LLMGINE_HTTPS_HOST", "192.0.2.1");
        assertThat(problem())
                .hasValueSatisfying(
                        p -> assertThat(p).startsWith("LLMGINE_HTTPS_HOST=192.0.2.1 is not this machine's"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"LLMGINE_TLS_CERTIFICATE", "LLMGINE_TLS_KEY", "LLMGINE_TLS_KEYSTORE"})
    void refusesTlsFilesThatCannotBeRead(String variable) {
        for (String file :
                new String[] {"", folder.toString(), folder.resolve("none").toString()}) {
            environment.put(variable, file);
            assertThat(problem())
                    .contains(variable + "=" + file
                            + " is not a file that the host can read; set it to one, or unset it.");
        }
    }

    @Test
    void refusesTlsFilesThatDoNotGoTogether() throws IOException {
        String file = Files.createFile(folder.resolve("file")).toString();
        environment.put("LLMGINE_TLS_KEY", file);
        assertThat(problem()).contains("LLMGINE_TLS_KEY is set without LLMGINE_TLS_CERTIFICATE; set both.");
        environment.put("LLMGINE_TLS_CERTIFICATE", file);
        environment.put("LLMGINE_TLS_KEYSTORE", file);
        assertThat(problem())
                .contains("LLMGINE_TLS_CERTIFICATE and LLMGINE_TLS_KEYSTORE are both set; unset one of them.");
    }

    @Test
    void refusesADataFolderThatCannotBeMade() throws IOException {
        Files.writeString(folder.resolve("data"), "a file");
        assertThat(problem())
                .contains("LLMGINE_DATA=" + folder.resolve("data")
                        + " is not a folder that can be made and written; set it to one that can.");
    }

    @Test
    void refusesTheDataFolderOfARunningHost() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Process holder = ChildJvm.start(
                "-cp", System.getProperty("java.class.path"), LockHolder.class.getName(), "" + data.resolve("lock"));
        try (var end = holder.outputWriter()) {
            assertThat(holder.inputReader().readLine()).isEqualTo("locked");
            String belongs = "LLMGINE_DATA=" + data + " belongs to a running host";
            String remedy = "; stop that one, or set LLMGINE_DATA to another folder.";
            assertThat(problem()).contains(belongs + remedy);
            Files.writeString(data.resolve("karaf.pid"), "4711\n");
            assertThat(problem()).contains(belongs + " (pid 4711)" + remedy);
            end.flush();
        }
        assertThat(holder.waitFor()).isZero();
    }

    @Test
    void refusesADataFolderThatCannotBeLocked() throws IOException {
        Files.createDirectories(folder.resolve("data/lock"));
        assertThat(problem())
                .hasValueSatisfying(p -> assertThat(p)
                        .startsWith("LLMGINE_DATA=" + folder.resolve("data") + " can't be locked")
                        .endsWith("set it to a local folder."));
    }

    private Optional<String> problem() {
        return new Settings(environment, folder.resolve("data")).problem();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
