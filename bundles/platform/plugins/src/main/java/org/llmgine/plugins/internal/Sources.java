package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.util.Set;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.PluginSource;

/** Opens what a plugin's jar is read from. */
final class Sources {
    private static final Set<String> SCHEMES = Set.of("http", "https", "file", "mvn");

    private Sources() {}

    /**
     * Open a source.
     *
     * @throws LlmgineException {@code invalid_request} for an address of a kind that isn't taken, {@code unavailable} when
     *     nothing can be read there
     */
    static InputStream open(PluginSource source, PluginSettings settings) {
        try {
            return switch (source) {
                case PluginSource.File file -> Files.newInputStream(file.path());
                case PluginSource.Address address -> open(address.address(), settings);
            };
        } catch (IOException e) {
            throw new LlmgineException(
                            ErrorCode.UNAVAILABLE,
                            "Nothing can be read from " + source.label() + ": " + Framework.sentence(e),
                            e)
                    .withHint("Is the address right, and can this host reach it?");
        }
    }

    private static InputStream open(String address, PluginSettings settings) throws IOException {
        URLConnection connection = url(address).openConnection();
        connection.setConnectTimeout((int) settings.fetchTimeout().toMillis());
        connection.setReadTimeout((int) settings.fetchTimeout().toMillis());
        connection.setUseCaches(false);
        return connection.getInputStream();
    }

    @SuppressWarnings("deprecation") // mvn: is known to the framework's handlers only.
    private static URL url(String address) {
        int colon = address.indexOf(':');
        if (colon < 0 || !SCHEMES.contains(address.substring(0, colon))) {
            throw invalid(address);
        }
        try {
            return address.startsWith("mvn:") ? new URL(address) : new URI(address).toURL();
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
