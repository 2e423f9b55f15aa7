package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Calls a running host. {@link HttpURLConnection} because it is ready in a tenth of the time that {@code java.net.http} needs,
 * and the process makes one call.
 */
final class Host {
    private static final int CONNECT_TIMEOUT_MS = 5_000;

    static {
        // A question must not be asked twice because its connection broke.
        System.setProperty("sun.net.http.retryPost", "false");
    }

    private final URI address;
    private final Key key;

    Host(URI address, Key key) {
        this.address = address;
        this.key = key;
    }

    /**
     * Post JSON.
     *
     * @param path the path, beginning with a slash
     * @param body the JSON object
     * @param mediaType what the answer must be
     * @param silenceMs how long the host may send nothing; 0 for any time
     * @return the body of a successful answer
     * @throws HostException when the host can't be reached or reports an error
     */
    InputStream post(String path, Map<String, ?> body, String mediaType, int silenceMs) throws HostException {
        HttpURLConnection connection = connect(path, silenceMs);
        try {
            connection.getOutputStream().write(Json.write(body).getBytes(UTF_8));
            int status = connection.getResponseCode();
            String answered = Objects.requireNonNullElse(connection.getContentType(), "no content type");
            if (status == 200 && answered.startsWith(mediaType)) {
                return connection.getInputStream();
            }
            throw failure(connection, status, answered);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Say that the connection broke. */
    static HostException broken(IOException cause) {
        return new HostException(
                ExitCode.ERROR,
                "The connection to the host broke (" + cause.getMessage() + "). ./llmgine logs says why.");
    }

    private HttpURLConnection connect(String path, int silenceMs) throws HostException {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(address + path).toURL().openConnection();
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
            connection.setReadTimeout(silenceMs);
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setRequestProperty("Accept", "text/event-stream, application/json");
            if (!key.value().isEmpty()) {
                connection.setRequestProperty("Authorization", "Bearer " + key.value());
            }
            connection.connect();
            return connection;
        } catch (IOException e) {
            String cause = e instanceof UnknownHostException ? "the name is not known" : e.getMessage();
            throw new HostException(
                    ExitCode.UNREACHABLE,
                    "No host answers at " + address + " (" + cause
                            + "). Start it with ./llmgine run, or give its address with --url.");
        }
    }

    private HostException failure(HttpURLConnection connection, int status, String answered) throws IOException {
        Object body = null;
        try (InputStream in = connection.getErrorStream()) {
            if (in != null && answered.startsWith("application/json")) {
                body = Json.read(new String(in.readAllBytes(), UTF_8));
            }
        }
        String message = Json.text(body, "error", "message");
        if (message.isEmpty()) {
            return new HostException(
                    ExitCode.UNREACHABLE,
                    address + " is no LLMgine host: it answered " + status + ", " + answered
                            + ". Is another program at this address?");
        }
        return switch (status) {
            case 401 -> new HostException(ExitCode.NO_PERMISSION, message + "\n" + key.refused());
            case 403 -> new HostException(ExitCode.NO_PERMISSION, message);
            default -> new HostException(ExitCode.ERROR, message + retry(connection.getHeaderField("Retry-After")));
        };
    }

    private static String retry(@Nullable String seconds) {
        return seconds == null ? "" : "\nTry again in " + seconds + " s.";
    }
}
