package org.llmgine.store.internal;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Say which database, and how to reach it.
 *
 * @param url the JDBC URL of a PostgreSQL database; empty for the file
 * @param file the file, without H2's own ending
 */
record StoreSettings(
        String url,
        String user,
        String password,
        Path file,
        int maxConnections,
        Duration connectionTimeout,
        Duration startTimeout) {
    static final String URL = "LLMGINE_DB_URL";

    private static final String JDBC = "jdbc:postgresql://";
    private static final Pattern PLAIN = Pattern.compile("postgres(?:ql)?://(?:([^@/?]*)@)?([^@]+)");
    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 30;

    /**
     * Take the settings, and the variables before them: {@code config:list} would show the password of an interpolated one.
     *
     * @throws IllegalStateException when the URL is none of a PostgreSQL database; the message doesn't hold it
     */
    static StoreSettings of(StoreConfig config, Map<String, String> environment, Path data) {
        String url = environment.getOrDefault(URL, config.url()).strip();
        String user = environment.getOrDefault("LLMGINE_DB_USER", config.user());
        String password = environment.getOrDefault("LLMGINE_DB_PASSWORD", config.password());
        Matcher plain = PLAIN.matcher(url);
        if (plain.matches()) {
            url = JDBC + plain.group(2);
            String[] credentials =
                    plain.group(1) == null ? new String[0] : plain.group(1).split(":", 2);
            user = user.isEmpty() && credentials.length > 0 ? decoded(credentials[0]) : user;
            password = password.isEmpty() && credentials.length > 1 ? decoded(credentials[1]) : password;
        }
        if (!url.isEmpty() && !isPostgres(url)) {
            throw invalid();
        }
        return new StoreSettings(
                url,
                user,
                password,
                data.resolve("store").resolve("llmgine"),
                config.maxConnections(),
                Duration.ofMillis(config.connectionTimeoutMs()),
                Duration.ofMillis(config.startTimeoutMs()));
    }

    private static IllegalStateException invalid() {
        return new IllegalStateException(URL + " is no address of a PostgreSQL database: write"
                + " jdbc:postgresql://HOST:PORT/NAME, with LLMGINE_DB_USER and LLMGINE_DB_PASSWORD, or"
                + " postgres://USER:PASSWORD@HOST:PORT/NAME with %XX for odd characters, or unset it for a database in the"
                + " data folder.");
    }

    /** Tell whether it is one, without credentials: these would get into the log with it. */
    private static boolean isPostgres(String url) {
        try {
            return url.startsWith(JDBC)
                    && !url.replaceFirst("\\?.*", "").contains("@")
                    && new URI(url.substring("jdbc:".length())).getRawPath().length() > 1
                    && Driver.parseURL(url, null) != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // It would say what it couldn't decode.
            throw invalid();
        }
    }

    boolean isFile() {
        return url.isEmpty();
    }

    /** Make the source of single connections. */
    DataSource source() {
        return isFile() ? h2() : postgres();
    }

    private DataSource h2() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(KillSafeFile.url(file.toString().replace(";", "\\;"))
                + ";WRITE_DELAY=0;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=10000"
                + ";TRACE_LEVEL_FILE=0");
        source.setUser("llmgine");
        source.setPassword("");
        return source;
    }

    private DataSource postgres() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(url);
        if (!user.isEmpty()) {
            source.setUser(user);
        }
        if (!password.isEmpty()) {
            source.setPassword(password);
        }
        if (!url.contains("connectTimeout=")) {
            source.setConnectTimeout(CONNECT_SECONDS);
        }
        if (!url.contains("socketTimeout=")) {
            source.setSocketTimeout(ANSWER_SECONDS);
        }
        if (!url.contains("ApplicationName=")) {
            source.setApplicationName("llmgine");
        }
        source.setTcpKeepAlive(true);
        return source;
    }

    /** Name the database in a sentence, without what is secret. */
    String name() {
        return isFile() ? "the database " + file + ".mv.db" : "the database " + url.replaceFirst("\\?.*", "");
    }

    /** Keep the password out of logs. */
    @Override
    public String toString() {
        return name();
    }
}
