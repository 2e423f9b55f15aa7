package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the file is what a kill at that moment would leave. */
final class KillSafeFileTest {
    private static final int COMMITS = 100;
    private static final int LARGEST = 30_000;

    private final Random random = new Random(1);

    @TempDir
    private Path folder;

    @Test
    void eachCommitIsThereAfterAKill() throws Exception {
        String lost = "";
        try (Connection connection = open("live");
                Statement statement = connection.createStatement()) {
            statement.execute("SET RETENTION_TIME 0");
            statement.execute("CREATE TABLE t (id INT PRIMARY KEY, text VARCHAR)");
            for (int i = 1; i <= COMMITS; i++) {
                // Rows of all sizes come and go, so that chunks are written into holes.
                statement.execute("MERGE INTO t VALUES (0, '" + i + "')");
                statement.execute("MERGE INTO t VALUES (%d, '%s')"
                        .formatted(1 + random.nextInt(20), "x".repeat(random.nextInt(LARGEST))));
                statement.execute("MERGE INTO t VALUES (0, 'after " + i + "')");
                Files.copy(folder.resolve("live.mv.db"), folder.resolve("copy" + i + ".mv.db"));
                if (!last("copy" + i).equals("after " + i)) {
                    lost += " " + i;
                }
            }
        }

        assertThat(lost).isEmpty();
        assertThat(last("live")).isEqualTo("after " + COMMITS);
    }

    private Connection open(String name) throws SQLException {
        return DriverManager.getConnection(
                KillSafeFile.url(folder.resolve(name).toString()) + ";WRITE_DELAY=0", "sa", "");
    }

    private String last(String name) throws SQLException {
        try (Connection connection = open(name);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT text FROM t WHERE id = 0")) {
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
