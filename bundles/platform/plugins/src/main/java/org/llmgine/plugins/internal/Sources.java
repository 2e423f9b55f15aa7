package org.llmgine.plugins.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.PluginSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what lies at an address. */
final class Sources {
    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);
    private static final Set<String> SCHEMES = Set.of("http", "https", "file", "mvn");

    private static final int MAX_PORT = 65_535;

    private Sources() {}

    /** Makes something of what is read. */
    interface Reading<R> {
        R read(InputStream from) throws IOException;
    }

    /**
     * Read a jar.
     *
     * @throws LlmgineException {@code invalid_request} for an address of a kind that isn't taken, {@code unavailable} when
     *     nothing can be read there, or not in time
     */
    static <R extends AutoCloseable> R jar(PluginSource source, Duration limit, Reading<R> reading) {
        try {
            return switch (source) {
                case PluginSource.Address address -> read(url(address.address()), limit, reading);
                case PluginSource.File file -> {
                    requireFile(file.path());
                    try (InputStream from = Files.newInputStream(file.path())) {
                        yield reading.read(from);
                    }
                }
                case PluginSource.Catalogue named -> throw new IllegalArgumentException(named.label());
            };
        } catch (FileNotFoundException | NoSuchFileException e) {
            throw unavailable("There is nothing at " + source.label() + ".", e);
        } catch (IOException e) {
            throw unavailable("The jar can't be read from " + source.label() + ": " + Framework.sentence(e), e);
        }
    }

    private static LlmgineException unavailable(String message, IOException e) {
        return new LlmgineException(ErrorCode.UNAVAILABLE, message, e)
                .withHint("Is the address right, can this host reach it, and has its disk room?");
    }

    /**
     * Read a small file.
     *
     * @throws FileNotFoundException when there is none
     */
    static byte[] bytes(URI address, int most, Duration limit) throws IOException {
        return read(address.toURL(), limit, from -> {
            byte[] bytes = from.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("It has more than " + most + " bytes.");
            }
            return bytes;
        });
    }

    /** Read within a time, whatever the address is slow at: what is read too late is thrown away. */
    private static <R> R read(URL url, Duration limit, Reading<R> reading) throws IOException {
        CompletableFuture<R> result = new CompletableFuture<>();
        Thread worker = Thread.ofVirtual().name("llmgine-fetch").start(() -> {
            try (InputStream from = open(url, limit)) {
                R read = reading.read(from);
                if (!result.complete(read) && read instanceof AutoCloseable late) {
                    late.close();
                }
            } catch (Throwable t) {
                if (!result.completeExceptionally(t)) {
                    LOG.debug("What was given up has ended.", t);
                }
            }
        });
        try {
            return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException thrown -> throw thrown;
                case RuntimeException thrown -> throw thrown;
                case null, default -> throw new IOException(e);
            }
        } catch (TimeoutException e) {
            return giveUp(result, worker, new IOException("It had not come whole after " + limit.toMillis() + " ms."));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return giveUp(
                    result, worker, new LlmgineException(ErrorCode.CANCELLED, "The fetching was interrupted.", e));
        }
    }

    /** A virtual thread that is interrupted closes the socket that it reads from. */
    private static <R, X extends Exception> R giveUp(CompletableFuture<R> result, Thread worker, X why) throws X {
        if (result.completeExceptionally(why)) {
            worker.interrupt();
            throw why;
        }
        return result.join();
    }

    /** What is there but no file may never end, and opening a pipe can't be interrupted. */
    private static void requireFile(Path path) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new IOException("It is no file.");
        }
    }

    private static InputStream open(URL url, Duration limit) throws IOException {
        if (url.getProtocol().equals("file")) {
            try {
                requireFile(Path.of(url.toURI().getPath()));
            } catch (URISyntaxException | InvalidPathException e) {
                throw new IOException("It is no file's address.", e);
            }
        }
        URLConnection connection = url.openConnection();
        // The limit of the whole comes first: it has the better words.
        int timeoutMs = (int) limit.multipliedBy(2).toMillis();
        connection.setConnectTimeout(timeoutMs);
        connection.setReadTimeout(timeoutMs);
        connection.setUseCaches(false);
        if (connection instanceof HttpURLConnection http) {
            int status = http.getResponseCode();
            if (status == HttpURLConnection.HTTP_NOT_FOUND || status == HttpURLConnection.HTTP_GONE) {
                throw new FileNotFoundException("It answered " + status + ".");
            }
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException("It answered " + status + ".");
            }
        }
        return connection.getInputStream();
    }

    @SuppressWarnings("deprecation") // mvn: is known to the framework's handlers only.
    private static URL url(String address) {
        int colon = address.indexOf(':');
        if (colon < 0 || !SCHEMES.contains(address.substring(0, colon))) {
            throw invalid(address);
        }
        try {
            URL url = address.startsWith("mvn:") ? new URL(address) : new URI(address).toURL();
            if (url.getPort() > MAX_PORT) {
                throw invalid(address);
            }
            return url;
        } catch (MalformedURLException | URISyntaxException | IllegalArgumentException e) {
            throw invalid(address);
        }
    }

    private static LlmgineException invalid(String address) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, "'" + address + "' is no address of a jar.")
                .withField("url")
                .withHint(
                        "Give one such as https://example.org/plugin.jar, file:/tmp/plugin.jar or mvn:GROUP/ARTIFACT/VERSION.");
    }
}
