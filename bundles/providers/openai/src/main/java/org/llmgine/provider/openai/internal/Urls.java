package org.llmgine.provider.openai.internal;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Reads addresses from settings. */
final class Urls {
    private Urls() {}

    /** Read a back-end's address. */
    static URI base(String text) {
        try {
            URI uri = new URI(text.strip());
            boolean isHttp = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (isHttp
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null
                    && uri.getPort() <= 65_535) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw bad("baseUrl", "be an address such as https://api.openai.com/v1, without user, password and fragment");
    }

    /** Return the address of something below a back-end's. */
    static URI at(URI base, String path) {
        String text = base.toString();
        int query = text.indexOf('?');
        String start = query < 0 ? text : text.substring(0, query);
        while (start.endsWith("/")) {
            start = start.substring(0, start.length() - 1);
        }
        return URI.create(start + path + (query < 0 ? "" : text.substring(query)));
    }

    /** Read a proxy's address; null for none. */
    static @Nullable InetSocketAddress proxy(String text) {
        if (text.isBlank()) {
            return null;
        }
        try {
            URI uri = new URI(text.strip());
            if ("http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null && uri.getRawUserInfo() == null) {
                int port = uri.getPort() < 0 ? 80 : uri.getPort();
                if (port <= 65_535) {
                    return InetSocketAddress.createUnresolved(uri.getHost(), port);
                }
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw bad("proxy", "be an address such as http://proxy.example:3128, without user and password");
    }

    /** Read what Ollama's own variable says of where it listens: host, port, both or an address. */
    static URI ollama(String text) {
        String given = text.strip();
        boolean hasScheme = given.contains("://");
        String rest = hasScheme ? given.substring(given.indexOf("://") + 3) : given;
        int path = rest.indexOf('/');
        String place = path < 0 ? rest : rest.substring(0, path);
        if (place.isEmpty() || place.startsWith(":")) {
            place = "127.0.0.1" + place;
        }
        if (!hasScheme && place.indexOf(':') < 0) {
            place += ":11434";
        }
        if (place.startsWith("0.0.0.0")) {
            // Where it listens for all; where it can be asked is another matter.
            place = "127.0.0.1" + place.substring("0.0.0.0".length());
        }
        try {
            return base((hasScheme ? given.substring(0, given.indexOf("://")) : "http") + "://" + place);
        } catch (LlmgineException e) {
            return URI.create("http://127.0.0.1:11434");
        }
    }

    static LlmgineException bad(String setting, String must) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, "The setting " + setting + " must " + must + ".")
                .withField(setting);
    }
}
