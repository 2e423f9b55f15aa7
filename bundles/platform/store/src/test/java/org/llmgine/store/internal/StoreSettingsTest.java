package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

final class StoreSettingsTest {
    private static final Path DATA = Path.of("/data;x");

    private static StoreSettings of(Map<String, Object> values, Map<String, String> environment) {
        return TestDatabase.settings(values, environment, DATA);
    }

    @Test
    void withoutAUrlItIsAFile() {
        StoreSettings settings = of(Map.of(), Map.of());

        assertThat(settings.isFile()).isTrue();
        assertThat(settings).hasToString("the database /data;x/store/llmgine.mv.db");
        assertThat(((JdbcDataSource) settings.source()).getURL())
                .startsWith("jdbc:h2:killsafe:async:/data\\;x/store/llmgine;WRITE_DELAY=0;");
    }

    @Test
    void theVariablesComeBeforeTheSettings() throws Exception {
        StoreSettings settings = of(
                Map.of("url", "jdbc:postgresql://a/b", "user", "ann", "password", "hush"),
                Map.of(
                        "LLMGINE_DB_URL",
                        " jdbc:postgresql://db.test:6000/llmgine?connectTimeout=7&socketTimeout=8&ApplicationName=x ",
                        "LLMGINE_DB_USER",
                        "bob",
                        "LLMGINE_DB_PASSWORD",
                        "secret"));
        PGSimpleDataSource source = (PGSimpleDataSource) settings.source();

        assertThat(source.getServerNames()).containsExactly("db.test");
        assertThat(source.getPortNumbers()).containsExactly(6000);
        assertThat(source.getUser()).isEqualTo("bob");
        assertThat(source.getPassword()).isEqualTo("secret");
        assertThat(source.getConnectTimeout()).isEqualTo(7);
        assertThat(source.getSocketTimeout()).isEqualTo(8);
        assertThat(source.getApplicationName()).isEqualTo("x");
        assertThat(settings)
                .hasToString("the database jdbc:postgresql://db.test:6000/llmgine")
                .asString()
                .doesNotContain("secret");
    }

    @Test
    void theShortFormBringsUserAndPassword() {
        StoreSettings settings =
                of(Map.of(), Map.of("LLMGINE_DB_URL", "postgres://an%40n:p+w%2F@db.test/llmgine?ssl=true"));
        PGSimpleDataSource source = (PGSimpleDataSource) settings.source();

        assertThat(source.getUser()).isEqualTo("an@n");
        assertThat(source.getPassword()).isEqualTo("p+w/");
        assertThat(source.getSsl()).isTrue();
        assertThat(source.getConnectTimeout()).isEqualTo(5);
        assertThat(source.getApplicationName()).isEqualTo("llmgine");
        assertThat(settings).hasToString("the database jdbc:postgresql://db.test/llmgine");
        assertThat(of(Map.of("url", "postgresql://db/x", "user", "u"), Map.of()))
                .returns("u", StoreSettings::user)
                .returns("", StoreSettings::password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:x",
                "jdbc:mysql://x/y",
                "jdbc:postgresql://x",
                "jdbc:postgresql://x y/z",
                "postgres://u@h"
            })
    void whatIsNoAddressOfPostgresIsRefused(String url) {
        assertThatThrownBy(() -> of(Map.of("url", url), Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("LLMGINE_DB_URL is no address of a PostgreSQL database")
                .message()
                .doesNotContain(url);
    }
}
