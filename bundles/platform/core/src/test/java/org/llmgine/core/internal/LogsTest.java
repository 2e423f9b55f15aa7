package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.command.FollowLogs;
import org.llmgine.core.command.LogFilter;
import org.llmgine.core.command.LogLine;
import org.llmgine.core.command.LogReader;
import org.llmgine.core.command.ReadLogs;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

@Timeout(120)
class LogsTest {
    private final Logs logs = new Logs();
    private final Backend backend = new Backend();

    @BeforeEach
    void bind() {
        logs.bind(backend);
    }

    @Test
    void theLatestLinesAreReadOldestFirst() {
        backend.log(LogLevel.INFO, "org.one", "first", null);
        backend.log(LogLevel.DEBUG, "org.one", "detail", null);
        backend.log(LogLevel.WARN, "org.two", "second", new IllegalStateException("It broke.\nAnd more."));
        backend.log(LogLevel.AUDIT, "org.one", "third", null);

        assertThat(read("info", "", 100))
                .containsExactly(
                        line("INFO", "org.one", "first", Optional.empty()),
                        line("WARN", "org.two", "second", Optional.of("java.lang.IllegalStateException: It broke.")),
                        line("AUDIT", "org.one", "third", Optional.empty()));
        assertThat(read("TRACE", "org.one", 2)).extracting(LogLine::message).containsExactly("detail", "third");
        assertThat(read("ERROR", "", 100)).extracting(LogLine::message).containsExactly("third");
        assertThat(read("INFO", "", 0)).isEmpty();
    }

    @Test
    void onlySoManyAreKeptAndNoneIsLong() {
        for (int i = 0; i < LogFilter.MOST + 5; i++) {
            backend.log(LogLevel.INFO, "org.one", "line " + i, null);
        }
        backend.log(LogLevel.INFO, "org.one", "x".repeat(5000), null);

        List<LogLine> kept = read("INFO", "", LogFilter.MOST);
        assertThat(kept).hasSize(LogFilter.MOST);
        assertThat(kept.getFirst().message()).isEqualTo("line 6");
        assertThat(kept.getLast().message()).hasSize(4001).endsWith("x…");
    }

    @Test
    void anEntryThatLacksOrBreaksThingsIsTakenToo() {
        backend.log(LogLevel.INFO, null, null, new RuntimeException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String toString() {
                throw new NoClassDefFoundError("a plugin's class");
            }
        });

        assertThat(read("INFO", "", 1)).singleElement().satisfies(line -> {
            assertThat(line.logger()).isEmpty();
            assertThat(line.message()).isEmpty();
            assertThat(line.exception())
                    .hasValueSatisfying(text -> assertThat(text).startsWith(LogsTest.class.getName()));
        });
    }

    @ParameterizedTest
    @CsvSource({"LOUD,10,level", "'',10,level", "AUDIT,10,level", "INFO,-1,limit", "INFO,2001,limit"})
    void whatIsNoFilterIsRefused(String level, int limit, String field) {
        assertThatExceptionOfType(LlmgineException.class)
                .isThrownBy(() -> read(level, "", limit))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.field()).hasValue(field);
                });
        assertThatExceptionOfType(LlmgineException.class).isThrownBy(() -> follow(level, limit));
    }

    @Test
    void aFollowerGetsWhatWasAndThenWhatComes() throws Exception {
        backend.log(LogLevel.INFO, "org.one", "before", null);
        backend.log(LogLevel.INFO, "org.one", "just before", null);
        try (LogReader reader = follow("INFO", 1)) {
            assertThat(readElsewhere(reader)).isEqualTo("just before");
            CompletableFuture<String> later = TestHost.async(() -> reader.next().message());
            backend.log(LogLevel.DEBUG, "org.one", "a detail", null);
            backend.log(LogLevel.INFO, "org.one", "after", null);
            assertThat(later.get()).isEqualTo("after");
        }
    }

    @Test
    void aSlowFollowerLosesItsOwnLinesAndIsToldHowMany() {
        try (LogReader slow = follow("INFO", 0);
                LogReader other = follow("INFO", 0)) {
            for (int i = 0; i < LogFilter.MOST + 2; i++) {
                backend.log(LogLevel.INFO, "org.one", "line " + i, null);
                if (i == 0) {
                    assertThat(readElsewhere(other)).isEqualTo("line 0");
                    assertThat(readElsewhere(slow)).isEqualTo("line 0");
                }
                if (i > 0) {
                    assertThat(readElsewhere(other)).isEqualTo("line " + i);
                }
            }
            for (int i = 1; i <= LogFilter.MOST; i++) {
                assertThat(readElsewhere(slow)).isEqualTo("line " + i);
            }
            LogLine loss = TestHost.async(slow::next).join();
            assertThat(loss.message()).isEqualTo("1 entry lost.");
            assertThat(loss.level()).isEqualTo("WARN");
            backend.log(LogLevel.INFO, "org.one", "next", null);
            assertThat(readElsewhere(slow)).isEqualTo("next");
        }
    }

    @Test
    void theLossStandsWhereTheLinesWouldBe() {
        try (LogReader slow = follow("INFO", 0)) {
            for (int i = 0; i < LogFilter.MOST + 3; i++) {
                backend.log(LogLevel.INFO, "org.one", "line " + i, null);
            }
            assertThat(readElsewhere(slow)).isEqualTo("line 0");
            backend.log(LogLevel.INFO, "org.one", "after", null);
            for (int i = 1; i < LogFilter.MOST; i++) {
                assertThat(readElsewhere(slow)).isEqualTo("line " + i);
            }
            assertThat(readElsewhere(slow)).isEqualTo("3 entries lost.");
            assertThat(readElsewhere(slow)).isEqualTo("after");
        }
    }

    @Test
    void whatSendingLinesLogsIsNotSent() {
        try (LogReader reader = follow("TRACE", 0);
                LogReader other = follow("TRACE", 0)) {
            backend.log(LogLevel.INFO, "org.one", "a line", null);
            assertThat(reader.next().message()).isEqualTo("a line");
            // This thread reads now; what it logs would come back to it, or to the other and from there.
            backend.log(LogLevel.INFO, "org.one", "an echo", null);
            Thread.ofVirtual().start(() -> {
                backend.log(LogLevel.DEBUG, "org.eclipse.jetty.io", "sent", null);
                backend.log(LogLevel.WARN, "org.eclipse.jetty.io", "heard", null);
            });

            assertThat(reader.next().message()).isEqualTo("heard");
            assertThat(readElsewhere(other)).isEqualTo("a line");
            assertThat(readElsewhere(other)).isEqualTo("heard");
        }
        assertThat(read("TRACE", "", 10)).extracting(LogLine::message).contains("an echo", "sent");
    }

    @Test
    void closingEndsAWaitingReader() {
        LogReader reader = follow("INFO", 0);
        CompletableFuture<LogLine> waiting = TestHost.async(reader::next);
        reader.close();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(waiting::get)
                .withCauseInstanceOf(LlmgineException.class);
        assertThatExceptionOfType(LlmgineException.class)
                .isThrownBy(reader::next)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void anInterruptEndsAWaitingReader() {
        try (LogReader reader = follow("INFO", 0)) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(LlmgineException.class)
                    .isThrownBy(reader::next)
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aBackendThatGoesIsLeft() {
        logs.unbind(backend);
        backend.log(LogLevel.INFO, "org.one", "unheard", null);
        assertThat(read("INFO", "", 10)).isEmpty();
    }

    private List<LogLine> read(String level, String logger, int limit) {
        return logs.read(new ReadLogs(Principal.SYSTEM, new LogFilter(level, logger, limit)));
    }

    private LogReader follow(String level, int limit) {
        return logs.follow(new FollowLogs(Principal.SYSTEM, new LogFilter(level, "", limit)));
    }

    /** Read on a thread that logs nothing. */
    private static String readElsewhere(LogReader reader) {
        return TestHost.async(() -> reader.next().message()).join();
    }

    private static LogLine line(String level, String logger, String message, Optional<String> exception) {
        return new LogLine(Backend.TIME, level, logger, message, exception);
    }

    /** What logging implementations do: it calls its listeners on the thread that logs. */
    private static final class Backend implements LogReaderService {
        static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");
        private final List<LogListener> listeners = new CopyOnWriteArrayList<>();

        void log(LogLevel level, @Nullable String logger, @Nullable String message, @Nullable Throwable exception) {
            Entry entry = new Entry(level, logger, message, exception);
            listeners.forEach(listener -> listener.logged(entry));
        }

        @Override
        public void addLogListener(LogListener listener) {
            listeners.add(listener);
        }

        @Override
        public void removeLogListener(LogListener listener) {
            listeners.remove(listener);
        }

        @Override
        public Enumeration<LogEntry> getLog() {
            return Collections.emptyEnumeration();
        }
    }

    @SuppressWarnings("NullAway") // the interface is older than nullness
    private record Entry(
            LogLevel level,
            @Nullable String logger,
            @Nullable String message,
            @Nullable Throwable exception) implements LogEntry {
        @Override
        public @Nullable Bundle getBundle() {
            return null;
        }

        @Override
        public @Nullable ServiceReference<?> getServiceReference() {
            return null;
        }

        @Override
        @Deprecated
        public int getLevel() {
            return level.ordinal();
        }

        @Override
        public @Nullable String getMessage() {
            return message;
        }

        @Override
        public @Nullable Throwable getException() {
            return exception;
        }

        @Override
        public long getTime() {
            return Backend.TIME.toEpochMilli();
        }

        @Override
        public LogLevel getLogLevel() {
            return level;
        }

        @Override
        public @Nullable String getLoggerName() {
            return logger;
        }

        @Override
        public long getSequence() {
            return 0;
        }

        @Override
        public String getThreadInfo() {
            return "";
        }

        @Override
        public @Nullable StackTraceElement getLocation() {
            return null;
        }
    }
}
