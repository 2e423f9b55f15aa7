package org.llmgine.itest.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.session.ClientSession;

/** Karaf's shell, entered over SSH as a person would; each command has its own connection, which Karaf closes after it. */
final class Shell implements AutoCloseable {
    /** A host makes its key when the first one connects. */
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final SshClient client = SshClient.setUpDefaultClient();
    private final int port;
    private final String password;

    Shell(int port, String password) {
        this.port = port;
        this.password = password;
        client.setServerKeyVerifier((connection, address, key) -> true);
        client.start();
    }

    /** Run a command to its end and return what it printed; fail when it fails. */
    String run(String command) throws IOException {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (ClientSession session =
                client.connect("admin", "127.0.0.1", port).verify(LIMIT).getSession()) {
            session.addPasswordIdentity(password);
            session.auth().verify(LIMIT);
            return session.executeRemoteCommand(command, errors, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IOException(command + ": " + errors.toString(StandardCharsets.UTF_8), e);
        }
    }

    /** Run a command that may fail, and return what it printed or why it failed. */
    String tryRun(String command) {
        try {
            return run(command);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Return the number of the bundle of that symbolic name. */
    long bundle(String symbolicName) throws IOException {
        return Long.parseLong(run("bundle:id " + symbolicName).strip());
    }

    /** Install and start a bundle and return its number. */
    long install(Path jar) throws IOException {
        String answer = run("bundle:install -s " + jar.toUri());
        return Long.parseLong(answer.replaceAll("(?s).*Bundle ID: (\\d+).*", "$1"));
    }

    @Override
    public void close() {
        client.stop();
    }
}
