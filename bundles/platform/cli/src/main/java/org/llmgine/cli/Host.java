package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Calls a running host. {@link HttpURLConnection} because it is ready in a tenth of the time that {@code java.net.http} needs,
 * and most processes make one call.
 */
final class Host {
    /** Any time may pass until the answer is there. */
    static final int NO_LIMIT = 0;

    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int ANSWER_TIMEOUT_MS = 60_000;

    /** The host gives up its longest work before. */
    private static final int WORK_TIMEOUT_MS = 900_000;

    private static final String BINARY = "application/zip";
    private static final int BUFFER = 64 * 1024;
    private static final long UNKNOWN = -1;

    static {
        // A question must not be asked twice because its connection broke, nor go out on one that the host has just
        // closed.
        System.setProperty("sun.net.http.retryPost", "false");
        System.setProperty("http.keepAlive", "false");
    }

    /**
     * A stream of events that the host has begun.
     *
     * @param events the events
     * @param location what {@code Content-Location} says; empty without it
     */
    record Stream(EventStream events, String location) {}

    private final URI address;
    private final Key key;
    private final @Nullable SSLContext trust;

    /**
     * Call the host at an address.
     *
     * @param trust who is trusted; null for the authorities that Java knows
     */
    Host(URI address, Key key, @Nullable SSLContext trust) {
        this.address = address;
        this.key = key;
        this.trust = trust;
    }

    URI address() {
        return address;
    }

    /** Make any text one segment of a path. */
    static String segment(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /** Get JSON. */
    String get(String path) throws HostException {
        return call("GET", path, null, ANSWER_TIMEOUT_MS);
    }

    /** Post JSON and return the JSON of the answer. */
    String post(String path, Map<String, ?> body) throws HostException {
        return call("POST", path, body, ANSWER_TIMEOUT_MS);
    }

    /** Post JSON and wait as long as a model needs for its whole answer. */
    String ask(String path, Map<String, ?> body) throws HostException {
        return call("POST", path, body, NO_LIMIT);
    }

    /** Delete and return the JSON of the answer, or nothing when it has none. */
    String delete(String path) throws HostException {
        return call("DELETE", path, null, ANSWER_TIMEOUT_MS);
    }

    /**
     * Change something and return the JSON of the answer. {@link HttpURLConnection} doesn't know the method, and for one small
     * exchange HTTP/1.0 needs no client: the answer's body ends with the connection.
     */
    String patch(String path, Map<String, ?> body) throws HostException {
        byte[] content = Json.write(body).getBytes(UTF_8);
        URI target = URI.create(address + path);
        StringBuilder head = new StringBuilder()
                .append("PATCH " + target.getRawPath() + " HTTP/1.0\r\n")
                .append("Host: " + target.getRawAuthority() + "\r\n")
                .append("Accept: application/json\r\n")
                .append("Content-Type: application/json\r\n")
                .append("Content-Length: " + content.length + "\r\n");
        if (!key.value().isEmpty()) {
            head.append("Authorization: Bearer " + key.value() + "\r\n");
        }
        try (Socket socket = open(target)) {
            OutputStream out = socket.getOutputStream();
            out.write(head.append("\r\n").toString().getBytes(US_ASCII));
            out.write(content);
            out.flush();
            return patched(socket.getInputStream());
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private Socket open(URI target) throws HostException {
        boolean secure = "https".equals(target.getScheme());
        int port = target.getPort() > 0 ? target.getPort() : secure ? 443 : 80;
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(name(target), port), CONNECT_TIMEOUT_MS);
            socket.setSoTimeout(ANSWER_TIMEOUT_MS);
            if (!secure) {
                return socket;
            }
            SSLContext context = trust == null ? SSLContext.getDefault() : trust;
            SSLSocket encrypted =
                    (SSLSocket) context.getSocketFactory().createSocket(socket, target.getHost(), port, true);
            SSLParameters parameters = encrypted.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            encrypted.setSSLParameters(parameters);
            encrypted.startHandshake();
            return encrypted;
        } catch (IOException e) {
            close(socket);
            throw unreachable(e);
        } catch (NoSuchAlgorithmException e) {
            close(socket);
            throw new HostException(ExitCode.UNREACHABLE, "This JDK has no TLS: " + e.getMessage());
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it was never used
        }
    }

    private String patched(InputStream in) throws HostException, IOException {
        String answer = new String(in.readAllBytes(), UTF_8);
        int end = answer.indexOf("\r\n\r\n");
        List<String> head = answer.substring(0, Math.max(end, 0)).lines().toList();
        if (end < 0 || !head.getFirst().matches("HTTP/1\\.[01] \\d{3}.*")) {
            throw misunderstood(new EOFException("it ended early"));
        }
        int status = Integer.parseInt(head.getFirst().substring(9, 12));
        String type = header(head, "Content-Type").orElse("no content type");
        String text = answer.substring(end + 4);
        if (status == 200 && type.startsWith("application/json")) {
            return text.strip();
        }
        throw failure(status, type, text, header(head, "Retry-After").orElse(null));
    }

    private static Optional<String> header(List<String> head, String name) {
        return head.stream()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    /**
     * Open a stream of events.
     *
     * @param method {@code GET} or {@code POST}
     * @param path the path, beginning with a slash
     * @param body the JSON object; null for none
     * @param lastEventId the id after which to go on; empty for the beginning
     * @param silenceMs how long the host may send nothing; it pings every few seconds
     */
    Stream stream(String method, String path, @Nullable Map<String, ?> body, String lastEventId, int silenceMs)
            throws HostException {
        HttpURLConnection connection = connect(method, path, body != null, lastEventId, silenceMs);
        try {
            InputStream in = send(connection, body, "text/event-stream");
            return new Stream(
                    new EventStream(in), Objects.requireNonNullElse(connection.getHeaderField("Content-Location"), ""));
        } catch (SocketTimeoutException e) {
            throw silent(silenceMs);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Is told how many bytes have gone over, each time when some have. */
    interface Progress {
        void bytes(long count);
    }

    /** Get bytes, and hand them on as they come. */
    void download(String path, OutputStream out, Progress progress) throws HostException, IOException {
        HttpURLConnection connection = connect("GET", path, false, "", ANSWER_TIMEOUT_MS);
        InputStream in;
        try {
            in = send(connection, null, BINARY);
        } catch (IOException e) {
            throw broken(e);
        }
        try (in) {
            byte[] buffer = new byte[BUFFER];
            long count = 0;
            int read;
            while ((read = read(in, buffer)) >= 0) {
                out.write(buffer, 0, read);
                count += read;
                progress.bytes(count);
            }
        }
    }

    private static int read(InputStream in, byte[] buffer) throws HostException {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Post the bytes of a file and return the JSON of the answer. */
    String upload(String path, Path file, Progress progress) throws HostException, IOException {
        try (InputStream content = Files.newInputStream(file)) {
            HttpURLConnection connection = connect("POST", path, true, "", WORK_TIMEOUT_MS, BINARY, Files.size(file));
            send(connection, content, progress);
            try (InputStream in = send(connection, null, "application/json")) {
                return new String(in.readAllBytes(), UTF_8).strip();
            } catch (IOException e) {
                throw broken(e);
            }
        }
    }

    /** Send a body as far as the host takes it; one that refuses it says why. */
    private static void send(HttpURLConnection connection, InputStream content, Progress progress) throws IOException {
        OutputStream out;
        try {
            out = connection.getOutputStream();
        } catch (IOException e) {
            return;
        }
        byte[] buffer = new byte[BUFFER];
        long count = 0;
        int read;
        while ((read = content.read(buffer)) >= 0) {
            try {
                out.write(buffer, 0, read);
            } catch (IOException e) {
                return;
            }
            count += read;
            progress.bytes(count);
        }
    }

    /** Say that the connection broke. */
    static HostException broken(IOException cause) {
        return new HostException(
                ExitCode.ERROR,
                "The connection to the host broke (" + cause.getMessage() + "). ./llmgine logs says why.");
    }

    /** Say that a stream's host sent nothing for too long. */
    static HostException silent(int silenceMs) {
        return new HostException(
                ExitCode.ERROR, "The answer broke off: the host was silent for " + silenceMs / 1000 + " s.");
    }

    private String call(String method, String path, @Nullable Map<String, ?> body, int timeoutMs) throws HostException {
        HttpURLConnection connection = connect(method, path, body != null, "", timeoutMs);
        try (InputStream in = send(connection, body, "application/json")) {
            return new String(in.readAllBytes(), UTF_8).strip();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private HttpURLConnection connect(String method, String path, boolean withBody, String lastEventId, int silenceMs)
            throws HostException {
        return connect(method, path, withBody, lastEventId, silenceMs, "application/json", UNKNOWN);
    }

    private HttpURLConnection connect(
            String method,
            String path,
            boolean withBody,
            String lastEventId,
            int silenceMs,
            String mediaType,
            long length)
            throws HostException {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(address + path).toURL().openConnection();
            if (trust != null && connection instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(trust.getSocketFactory());
            }
            connection.setRequestMethod(method);
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
            connection.setReadTimeout(silenceMs);
            connection.setRequestProperty("Accept", "text/event-stream, application/json, " + BINARY);
            if (withBody) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", mediaType);
            }
            if (length != UNKNOWN) {
                connection.setFixedLengthStreamingMode(length);
                // So that the host can refuse before all has been sent.
                connection.setRequestProperty("Expect", "100-continue");
            }
            if (!lastEventId.isEmpty()) {
                connection.setRequestProperty("Last-Event-ID", lastEventId);
            }
            if (!key.value().isEmpty()) {
                connection.setRequestProperty("Authorization", "Bearer " + key.value());
            }
            connection.connect();
            return connection;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** Say that the host expects TLS when that is why it didn't answer, else return the failure. */
    private IOException misunderstood(IOException failure) throws HostException {
        if ("http".equals(address.getScheme()) && expectsTls()) {
            throw new HostException(
                    ExitCode.UNREACHABLE, "The host at " + address + " answers with TLS only: is https:// meant?");
        }
        return failure;
    }

    private boolean expectsTls() {
        int port = address.getPort() > 0 ? address.getPort() : 80;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(name(address), port), CONNECT_TIMEOUT_MS);
            socket.setSoTimeout(CONNECT_TIMEOUT_MS);
            SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
            ((SSLSocket) factory.createSocket(socket, name(address), port, true)).startHandshake();
            return true;
        } catch (SSLHandshakeException e) {
            return !(e.getCause() instanceof EOFException); // it spoke TLS, and this certificate doesn't matter
        } catch (IOException e) {
            return false;
        }
    }

    private static String name(URI address) {
        return address.getHost().replaceAll("[\\[\\]]", "");
    }

    private HostException unreachable(IOException e) {
        if (e instanceof SSLException) {
            return new HostException(ExitCode.UNREACHABLE, Trust.explain(address, e));
        }
        String cause = e instanceof UnknownHostException
                ? "the name is not known"
                : Objects.requireNonNullElse(e.getMessage(), "it refuses the connection");
        return new HostException(
                ExitCode.UNREACHABLE,
                "No host answers at " + address + " (" + cause
                        + "). Start it with ./llmgine run, or give its address with --url.");
    }

    private InputStream send(HttpURLConnection connection, @Nullable Map<String, ?> body, String mediaType)
            throws HostException, IOException {
        if (body != null) {
            connection.getOutputStream().write(Json.write(body).getBytes(UTF_8));
        }
        int status;
        try {
            status = connection.getResponseCode();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw misunderstood(e);
        }
        String answered = Objects.requireNonNullElse(connection.getContentType(), "no content type");
        if (status >= 200 && status < 300 && (status == 204 || answered.startsWith(mediaType))) {
            return connection.getInputStream();
        }
        try (InputStream in = connection.getErrorStream()) {
            String text = in == null ? "" : new String(in.readAllBytes(), UTF_8);
            throw failure(status, answered, text, connection.getHeaderField("Retry-After"));
        }
    }

    private HostException failure(int status, String mediaType, String text, @Nullable String retryAfter) {
        Object body = mediaType.startsWith("application/") ? Json.read(text) : null;
        String message = Json.text(body, "error", "message");
        if (message.isEmpty()) {
            message = (Json.text(body, "detail") + " " + Json.text(body, "hint")).strip();
        }
        if (message.isEmpty() && status == 401 && mediaType.startsWith("application/problem+json")) {
            // The JDK throws the body away when the request was streamed.
            message = "The key is not valid.";
        }
        if (message.isEmpty()) {
            return new HostException(
                    ExitCode.UNREACHABLE,
                    status,
                    address + " is no LLMgine host: it answered " + status + ", " + mediaType
                            + ". Is another program at this address? A host answers so, too, while it starts.");
        }
        return switch (status) {
            case 401 -> new HostException(ExitCode.NO_PERMISSION, status, message + "\n" + key.refused());
            case 403 -> new HostException(ExitCode.NO_PERMISSION, status, message);
            default -> new HostException(ExitCode.ERROR, status, message + retry(retryAfter));
        };
    }

    private static String retry(@Nullable String seconds) {
        return seconds == null ? "" : "\nTry again in " + seconds + " s.";
    }
}
