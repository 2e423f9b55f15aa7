package org.llmgine.store.internal;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Runs statements on one connection, as {@link Database} hands it out.
 *
 * @param connection the connection
 */
record Sql(Connection connection) {
    private static final int BATCH = 100;
    private static final int BATCH_CHARS = 1_000_000;

    /** Few, because each may be as large as a request's body. */
    private static final int FETCHED_ROWS = 10;

    /** Reads the row that a result is at. */
    interface Row<R> {
        R read(ResultSet row) throws SQLException;
    }

    /** Is given each row of a result in turn. */
    interface Rows {
        void next(ResultSet row) throws SQLException;
    }

    <R> List<R> list(String sql, Row<R> row, @Nullable Object... values) throws SQLException {
        List<R> all = new ArrayList<>();
        each(sql, result -> all.add(row.read(result)), values);
        return all;
    }

    <R> Optional<R> first(String sql, Row<R> row, @Nullable Object... values) throws SQLException {
        return list(sql, row, values).stream().findFirst();
    }

    /** Count, or compute another whole number. */
    int number(String sql, @Nullable Object... values) throws SQLException {
        return first(sql, row -> row.getInt(1), values).orElse(0);
    }

    /** Go through a result that may be larger than the memory; in a transaction it comes piece by piece. */
    void each(String sql, Rows rows, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(FETCHED_ROWS);
            bind(statement, values);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.next(result);
                }
            }
        }
    }

    /** Change rows and tell how many. */
    int update(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    /** Begin a statement that is run for many rows. */
    Batch batch(String sql) throws SQLException {
        return new Batch(connection.prepareStatement(sql));
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof String text) {
                check(text);
            }
            statement.setObject(i + 1, values[i]);
        }
    }

    /** Refuse what PostgreSQL can't keep as text: a NUL, and half of a surrogate pair. */
    private static void check(String text) {
        if (text.indexOf(0) >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST, "A name or id holds a NUL or half of a surrogate pair.");
        }
    }

    /** Runs one statement for many rows, some at a time. */
    static final class Batch implements AutoCloseable {
        private final PreparedStatement statement;
        private int waiting;
        private long chars;

        private Batch(PreparedStatement statement) {
            this.statement = statement;
        }

        void add(@Nullable Object... values) throws SQLException {
            bind(statement, values);
            statement.addBatch();
            for (Object value : values) {
                chars += value instanceof String text ? text.length() : 0;
            }
            if (++waiting == BATCH || chars > BATCH_CHARS) {
                flush();
            }
        }

        void flush() throws SQLException {
            if (waiting > 0) {
                statement.executeBatch();
                waiting = 0;
                chars = 0;
            }
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }
}
