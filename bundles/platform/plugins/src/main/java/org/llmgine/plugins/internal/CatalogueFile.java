package org.llmgine.plugins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/**
 * Is the content of a catalogue's {@code index.json}.
 *
 * @param name the catalogue's name for people
 */
record CatalogueFile(int format, String name, List<Entry> plugins) {
    static final int FORMAT = 1;

    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    CatalogueFile(int format, @Nullable String name, @Nullable List<Entry> plugins) {
        this.format = format;
        this.name = text(name);
        this.plugins = list(plugins);
    }

    /** Is one plugin; what it doesn't say is empty. */
    record Entry(
            String id,
            String name,
            String description,
            List<String> kinds,
            String author,
            String icon,
            List<String> links,
            List<Offered> versions) {
        Entry(
                @Nullable String id,
                @Nullable String name,
                @Nullable String description,
                @Nullable List<String> kinds,
                @Nullable String author,
                @Nullable String icon,
                @Nullable List<String> links,
                @Nullable List<Offered> versions) {
            this.id = text(id);
            this.name = text(name);
            this.description = text(description);
            this.kinds = list(kinds);
            this.author = text(author);
            this.icon = text(icon);
            this.links = list(links);
            this.versions = list(versions);
        }
    }

    /**
     * Is one version.
     *
     * @param url of the jar; may be relative to the index
     * @param api the packages of the api that it imports, each with the range of its versions
     */
    record Offered(String version, String url, String sha256, Map<String, String> api) {
        Offered(
                @Nullable String version,
                @Nullable String url,
                @Nullable String sha256,
                @Nullable Map<String, String> api) {
            this.version = text(version);
            this.url = text(url);
            this.sha256 = text(sha256);
            this.api = api == null ? Map.of() : Map.copyOf(api);
        }

        Version number() {
            return Version.parseVersion(version);
        }
    }

    private static ObjectMapper json() {
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
    }

    private static String text(@Nullable String given) {
        return given == null ? "" : given;
    }

    private static <E> List<E> list(@Nullable List<E> given) {
        List<E> list = given == null ? List.of() : given;
        if (list.stream().anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException("a list has an element that is null.");
        }
        return List.copyOf(list);
    }

    /**
     * Read it.
     *
     * @throws IOException with a sentence that names what is wrong
     */
    static CatalogueFile read(byte[] bytes) throws IOException {
        CatalogueFile file;
        try {
            file = json().readValue(bytes, CatalogueFile.class);
        } catch (JsonProcessingException e) {
            String problem = e.getCause() instanceof IllegalArgumentException wrong
                    ? wrong.getMessage()
                    : e.getOriginalMessage();
            throw new IOException("It is not the JSON of a catalogue: " + problem, e);
        }
        if (file == null || file.format() != FORMAT) {
            throw new IOException("Its format is not " + FORMAT + ", which is what this host reads.");
        }
        Set<String> ids = new HashSet<>();
        for (Entry entry : file.plugins()) {
            if (!ID.matcher(entry.id()).matches() || !ids.add(entry.id())) {
                throw new IOException("Its plugin '" + entry.id()
                        + "' is there twice, or has no id of lower-case letters, digits and hyphens.");
            }
            for (Offered version : entry.versions()) {
                check(entry.id(), version);
            }
        }
        return file;
    }

    private static void check(String id, Offered version) throws IOException {
        String field = "version";
        try {
            version.number();
            field = "api";
            version.api().values().forEach(VersionRange::valueOf);
            field = "url";
            if (version.url().isBlank()) {
                throw new IllegalArgumentException();
            }
            URI.create(version.url());
            field = "sha256";
            if (!SHA256.matcher(version.sha256()).matches()) {
                throw new IllegalArgumentException();
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "The " + field + " of its plugin " + id + " " + version.version() + " is missing or wrong.", e);
        }
    }

    byte[] bytes() {
        try {
            return json().writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
