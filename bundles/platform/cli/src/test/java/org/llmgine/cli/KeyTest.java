package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyTest {
    private static final URI HERE = URI.create("http://127.0.0.1:8181");

    @TempDir
    Path data;

    private final Console console = new Console();

    @Test
    void theVariableComesFirst() throws Exception {
        Files.writeString(data.resolve("cli.key"), "from-the-file\n");
        console.with("LLMGINE_KEY", " from-the-variable ").with("LLMGINE_DATA", data.toString());

        assertThat(find(HERE).value()).isEqualTo("from-the-variable");
    }

    @Test
    void elseTheDataFolderHasIt() throws Exception {
        Files.writeString(data.resolve("cli.key"), "from-the-file\n");
        console.with("LLMGINE_KEY", "").with("LLMGINE_DATA", data.toString());

        for (String host :
                new String[] {"http://127.0.0.1:8181", "http://localhost", "http://127.1.2.3", "https://[::1]:1"}) {
            assertThat(find(URI.create(host)).value()).isEqualTo("from-the-file");
        }
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(network.getInetAddresses())) {
                if (address instanceof Inet4Address) {
                    assertThat(find(URI.create("http://" + address.getHostAddress()))
                                    .value())
                            .isEqualTo("from-the-file");
                }
            }
        }
    }

    @Test
    void theFilesKeyStaysOnThisMachine() throws Exception {
        Files.writeString(data.resolve("cli.key"), "from-the-file");
        console.with("LLMGINE_DATA", data.toString());

        for (String host : new String[] {"http://192.0.2.1", "http://127.0.0.1.invalid", "https://198.51.100.7:8181"}) {
            assertThat(find(URI.create(host)).value()).isEmpty();
            assertThat(find(URI.create(host)).refused()).isEqualTo("Set LLMGINE_KEY to a key of " + host + ".");
        }
    }

    @Test
    void withoutAKeyThereIsAHint() throws Exception {
        assertThat(find(HERE).refused()).contains("LLMGINE_KEY").contains("LLMGINE_DATA");

        console.with("LLMGINE_DATA", data.toString());

        assertThat(find(HERE).value()).isEmpty();
        assertThat(find(HERE).refused()).contains("there is no " + data.resolve("cli.key"));
    }

    @Test
    void whatCannotBeAKeyIsRefused() throws IOException {
        Files.createDirectory(data.resolve("cli.key"));
        console.with("LLMGINE_DATA", data.toString());
        assertThatExceptionOfType(HostException.class)
                .isThrownBy(() -> find(HERE))
                .withMessageContaining("can't be read")
                .satisfies(e -> assertThat(e.exitCode()).isEqualTo(77));

        console.with("LLMGINE_KEY", "a\nb");
        assertThatExceptionOfType(HostException.class)
                .isThrownBy(() -> find(HERE))
                .withMessageContaining("LLMGINE_KEY holds no key")
                .withMessageNotContaining("a\nb")
                .satisfies(e -> assertThat(e.exitCode()).isEqualTo(77));
    }

    private Key find(URI host) throws HostException {
        return Key.find(console.terminal(), host);
    }
}
