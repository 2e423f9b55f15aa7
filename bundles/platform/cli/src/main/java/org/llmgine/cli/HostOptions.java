package org.llmgine.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Shares the options that say which host is meant. */
final class HostOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The host's address. Default: LLMGINE_URL, else http://127.0.0.1:LLMGINE_HTTP_PORT (8181).")
    @Nullable String url;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Trust the authorities of this PEM file and no others. Default: LLMGINE_CACERT, else Java's.")
    @Nullable String authorities;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec command;

    Host host(Io io) throws HostException {
        String address = url;
        if (address == null) {
            String port = io.variable("LLMGINE_HTTP_PORT", "8181");
            address = io.variable("LLMGINE_URL", "http://127.0.0.1:" + port);
        }
        try {
            URI uri = new URI(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return new Host(uri, Key.find(io, uri), trust(io, uri));
            }
        } catch (URISyntaxException e) {
            // told below, together with addresses of other kinds
        }
        throw new ParameterException(
                command.commandLine(),
                "\"" + address + "\" is no host's address: http://HOST:PORT or https://… is meant.");
    }

    private @Nullable SSLContext trust(Io io, URI address) throws HostException {
        String file = authorities == null ? io.variable("LLMGINE_CACERT", "") : authorities;
        return file.isEmpty() || !"https".equals(address.getScheme()) ? null : Trust.only(Path.of(file));
    }
}
