package org.llmgine.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Check the {@code LLMGINE_…} variables, so that a bad one stops the start with one line instead of a half-working host. */
final class Settings {
    private static final String DATA = "LLMGINE_DATA";
    private static final String HTTP_HOST = "LLMGINE_HTTP_HOST";
    private static final String HTTP_PORT = "LLMGINE_HTTP_PORT";
    private static final String HTTPS_HOST = "LLMGINE_HTTPS_HOST";
    private static final String HTTPS_PORT = "LLMGINE_HTTPS_PORT";
    private static final String TLS_CERTIFICATE = "LLMGINE_TLS_CERTIFICATE";
    private static final String TLS_KEY = "LLMGINE_TLS_KEY";
    private static final String TLS_KEYSTORE = "LLMGINE_TLS_KEYSTORE";
    private static final String SSH_PORT = "LLMGINE_SSH_PORT";
    private static final String ADMIN_KEY = "LLMGINE_ADMIN_KEY";
    private static final String ADMIN_PASSWORD = "LLMGINE_ADMIN_PASSWORD";
    private static final String SECRET_KEY = "LLMGINE_SECRET_KEY";
    private static final String DEFAULT_MODEL = "LLMGINE_DEFAULT_MODEL";

    private static final String OPENAI_BASE_URL = "LLMGINE_OPENAI_BASE_URL";

    private static final String DB_URL = "LLMGINE_DB_URL";

    private static final String PERSIST_EVENTS = "LLMGINE_PERSIST_EVENTS";

    private static final String LOOPBACK = "127.0.0.1";
    private static final String EVERYWHERE = "0.0.0.0";
    /** Neither an engine, which itself asks the default model, nor the default by its own name. */
    private static final Pattern MODEL = Pattern.compile("(?!engine/|default$)[A-Za-z0-9][A-Za-z0-9._~:-]*(/\\S+)?");

    private static final Pattern BETWEEN_MODELS = Pattern.compile("[\\s,]+");

    /** Neither user and password, which would be in lists, nor a fragment. */
    private static final Pattern BASE_URL = Pattern.compile("(?i)https?://[^\\s/?#@]+([/?][^\\s#@]*)?");

    private static final Pattern DATABASE =
            Pattern.compile("(jdbc:postgresql|postgres|postgresql)://[^\\s/]+/[^\\s/?]+(\\?\\S*)?");

    private static final Pattern SWITCH = Pattern.compile("(?i)1|0|true|false");

    private final Map<String, String> environment;
    private final Path data;

    /**
     * Check an environment.
     *
     * @param data the data folder that follows from it
     */
    Settings(Map<String, String> environment, Path data) {
        this.environment = environment;
        this.data = data.toAbsolutePath();
    }

    /** Say in one line what is wrong first, if anything is. Makes the data folder when it isn't there. */
    Optional<String> problem() {
        try {
            checkDefaultModel();
            checkOpenAiBaseUrl();
            checkDatabase();
            checkPersistEvents();
            checkSecret(ADMIN_KEY, 16);
            checkSecret(ADMIN_PASSWORD, 8);
            checkSecret(SECRET_KEY, 32);
            checkData();
            InetAddress host = checkHost(HTTP_HOST, LOOPBACK);
            checkPort(HTTP_PORT, 8181, 1, "1 to 65535", "to a free port", host);
            checkTls();
            checkPort(
                    SSH_PORT,
                    8101,
                    0,
                    "0 (no SSH) to 65535",
                    "to a free port, or to 0 for no SSH",
                    InetAddress.ofLiteral(LOOPBACK));
            return Optional.empty();
        } catch (BadSetting e) {
            return Optional.of(e.getMessage());
        }
    }

    private void checkDefaultModel() throws BadSetting {
        String model = environment.get(DEFAULT_MODEL);
        if (model == null) {
            return;
        }
        for (String name : BETWEEN_MODELS.split(model.strip())) {
            if (!MODEL.matcher(name).matches()) {
                throw new BadSetting(DEFAULT_MODEL + "=" + model + ": '" + name
                        + "' names no model; allowed are instance/model (offline/demo) and an alias.");
            }
        }
    }

    private void checkOpenAiBaseUrl() throws BadSetting {
        String url = environment.get(OPENAI_BASE_URL);
        if (url != null && !url.isBlank() && !BASE_URL.matcher(url.strip()).matches()) {
            throw new BadSetting(
                    OPENAI_BASE_URL + " is no address of an API; allowed is http or https without user and password"
                            + " (http://127.0.0.1:8000/v1).");
        }
    }

    /** The address may hold a password, so it is not repeated. */
    private void checkDatabase() throws BadSetting {
        String url = environment.get(DB_URL);
        if (url != null && !url.isBlank() && !DATABASE.matcher(url.strip()).matches()) {
            throw new BadSetting(DB_URL + " is no address of a PostgreSQL database; allowed are"
                    + " jdbc:postgresql://HOST:PORT/NAME and postgres://USER:PASSWORD@HOST:PORT/NAME.");
        }
    }

    private void checkPersistEvents() throws BadSetting {
        String value = environment.getOrDefault(PERSIST_EVENTS, "").strip();
        if (!value.isEmpty() && !SWITCH.matcher(value).matches()) {
            throw new BadSetting(PERSIST_EVENTS + "=" + value + " says neither yes nor no; allowed are 1 and 0.");
        }
    }

    private void checkSecret(String variable, int characters) throws BadSetting {
        String secret = environment.get(variable);
        if (secret != null && secret.length() < characters) {
            throw new BadSetting(
                    variable + " is too short: it needs at least " + characters + " characters, or must be unset.");
        }
    }

    private void checkData() throws BadSetting {
        try {
            Files.createDirectories(data.resolve("tmp"));
            Files.delete(Files.createTempFile(data, "writable", ""));
        } catch (IOException e) {
            throw new BadSetting(
                    DATA + "=" + data + " is not a folder that can be made and written; set it to one that can.");
        }
        try (FileChannel channel =
                        FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new BadSetting(DATA + "=" + data + " belongs to a running host" + runningPid()
                        + "; stop that one, or set " + DATA + " to another folder.");
            }
        } catch (IOException e) {
            throw new BadSetting(
                    DATA + "=" + data + " can't be locked (" + e.getMessage() + "); set it to a local folder.");
        }
    }

    private String runningPid() {
        try {
            return " (pid " + Files.readString(data.resolve("karaf.pid")).strip() + ")";
        } catch (IOException e) {
            return "";
        }
    }

    /** What is in the files is checked where they are read: they may change while the host runs. */
    private void checkTls() throws BadSetting {
        checkFile(TLS_CERTIFICATE);
        checkFile(TLS_KEY);
        checkFile(TLS_KEYSTORE);
        if (environment.containsKey(TLS_CERTIFICATE) && environment.containsKey(TLS_KEYSTORE)) {
            throw new BadSetting(TLS_CERTIFICATE + " and " + TLS_KEYSTORE + " are both set; unset one of them.");
        }
        if (environment.containsKey(TLS_KEY) && !environment.containsKey(TLS_CERTIFICATE)) {
            throw new BadSetting(TLS_KEY + " is set without " + TLS_CERTIFICATE + "; set both.");
        }
        checkPort(
                HTTPS_PORT,
                0,
                0,
                "0 (no HTTPS) to 65535",
                "to a free port, or to 0 for no HTTPS",
                checkHost(HTTPS_HOST, EVERYWHERE));
    }

    private void checkFile(String variable) throws BadSetting {
        String file = environment.get(variable);
        if (file != null && (file.isBlank() || !Files.isReadable(Path.of(file)) || Files.isDirectory(Path.of(file)))) {
            throw new BadSetting(
                    variable + "=" + file + " is not a file that the host can read; set it to one, or unset it.");
        }
    }

    private InetAddress checkHost(String variable, String usual) throws BadSetting {
        String host = environment.getOrDefault(variable, usual);
        String allowed = "; allowed is a name or address of this machine (" + LOOPBACK + ", 0.0.0.0 for all).";
        if (host.isBlank()) {
            throw new BadSetting(variable + " is empty" + allowed);
        }
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new BadSetting(variable + "=" + host + " can't be resolved" + allowed);
        }
        if (!binds(address, 0)) {
            throw new BadSetting(variable + "=" + host + " is not this machine's" + allowed);
        }
        return address;
    }

    private void checkPort(String variable, int usual, int lowest, String allowed, String remedy, InetAddress address)
            throws BadSetting {
        String value = environment.getOrDefault(variable, Integer.toString(usual));
        int port;
        try {
            port = Integer.parseInt(value);
        } catch (NumberFormatException e) {
            port = -1;
        }
        if (port < lowest || port > 65535) {
            throw new BadSetting(variable + "=" + value + " is no port; allowed is " + allowed + ".");
        }
        if (port != 0 && !binds(address, port)) {
            throw new BadSetting(variable + "=" + port + " is in use on " + address.getHostAddress()
                    + " or not permitted; set " + variable + " " + remedy + ".");
        }
    }

    private static boolean binds(InetAddress address, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Carries the sentence to print. */
    private static final class BadSetting extends Exception {
        private static final long serialVersionUID = 1L;

        BadSetting(String message) {
            super(message);
        }

        @Override
        @SuppressWarnings("NullAway") // the constructor takes no null
        public String getMessage() {
            return super.getMessage();
        }
    }
}
