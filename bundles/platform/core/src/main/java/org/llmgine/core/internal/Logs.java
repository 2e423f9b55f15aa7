package org.llmgine.core.internal;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.FollowLogs;
import org.llmgine.core.command.LogFilter;
import org.llmgine.core.command.LogLine;
import org.llmgine.core.command.LogReader;
import org.llmgine.core.command.ReadLogs;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

/**
 * Keeps the latest lines of the log and hands them on. They are copied: an entry's exception would keep a replaced plugin's
 * classes.
 */
@Component(service = Logs.class)
public final class Logs implements LogListener {
    private static final int MAX_CHARS = 4000;
    private static final String OURS = "org.llmgine.logs";
    /** What logs, below INFO, each time that something is sent. */
    private static final List<String> SERVER = List.of("org.eclipse.jetty", "org.apache.felix.http");

    private static final List<LogLevel> LEVELS =
            List.of(LogLevel.ERROR, LogLevel.WARN, LogLevel.INFO, LogLevel.DEBUG, LogLevel.TRACE);

    private final Deque<LogLine> lines = new ArrayDeque<>();
    private final Set<Follower> followers = ConcurrentHashMap.newKeySet();

    @Activate
    public Logs() {}

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bind(LogReaderService log) {
        log.addLogListener(this);
    }

    void unbind(LogReaderService log) {
        log.removeLogListener(this);
    }

    /** Runs on the thread that logs: it must not wait for anybody, nor log. */
    @Override
    public void logged(LogEntry entry) {
        LogLine line = new LogLine(
                Instant.ofEpochMilli(entry.getTime()),
                entry.getLogLevel().name(),
                Optional.ofNullable(entry.getLoggerName()).orElse(""),
                cut(Optional.ofNullable(entry.getMessage()).orElse("")),
                Optional.ofNullable(entry.getException()).map(Logs::firstLine));
        synchronized (lines) {
            if (lines.size() == LogFilter.MOST) {
                lines.removeFirst();
            }
            lines.addLast(line);
            if (echoes(line)) {
                return;
            }
            for (Follower follower : followers) {
                follower.offer(line);
            }
        }
    }

    /** Tell whether a line comes of the sending of lines: to any follower, or two would feed each other. */
    private boolean echoes(LogLine line) {
        Thread current = Thread.currentThread();
        for (Follower follower : followers) {
            if (follower.reader == current) {
                return true;
            }
        }
        return LogLevel.valueOf(line.level()).compareTo(LogLevel.INFO) > 0
                && SERVER.stream().anyMatch(line.logger()::startsWith);
    }

    List<LogLine> read(ReadLogs command) {
        LogFilter filter = command.filter();
        LogLevel level = level(filter);
        synchronized (lines) {
            return latest(level, filter);
        }
    }

    LogReader follow(FollowLogs command) {
        LogFilter filter = command.filter();
        LogLevel level = level(filter);
        synchronized (lines) {
            Follower follower = new Follower(level, filter, latest(level, filter));
            followers.add(follower);
            return follower;
        }
    }

    private List<LogLine> latest(LogLevel level, LogFilter filter) {
        List<LogLine> wanted = new ArrayList<>();
        for (var line = lines.descendingIterator(); line.hasNext() && wanted.size() < filter.limit(); ) {
            LogLine next = line.next();
            if (isWanted(next, level, filter)) {
                wanted.add(next);
            }
        }
        return wanted.reversed();
    }

    private static boolean isWanted(LogLine line, LogLevel level, LogFilter filter) {
        return LogLevel.valueOf(line.level()).compareTo(level) <= 0
                && line.logger().startsWith(filter.logger());
    }

    private static LogLevel level(LogFilter filter) {
        if (filter.limit() < 0 || filter.limit() > LogFilter.MOST) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'limit' must be 0 to " + LogFilter.MOST + ".")
                    .withField("limit");
        }
        String name = filter.level().toUpperCase(Locale.ROOT);
        return LEVELS.stream()
                .filter(level -> level.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new LlmgineException(
                                ErrorCode.INVALID_REQUEST, "'level' must be ERROR, WARN, INFO, DEBUG or TRACE.")
                        .withField("level"));
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }

    /** A plugin's exception may itself fail here. */
    private static String firstLine(Throwable failure) {
        try {
            return cut(failure.toString().lines().findFirst().orElse(""));
        } catch (RuntimeException | Error e) {
            return failure.getClass().getName();
        }
    }

    /** One reader's lines; those that it is too slow for are counted. */
    private final class Follower implements LogReader {
        private final LogLevel level;
        private final LogFilter filter;
        private final Deque<LogLine> waiting;
        private volatile @Nullable Thread reader;
        private long lost;
        private boolean closed;

        Follower(LogLevel level, LogFilter filter, List<LogLine> first) {
            this.level = level;
            this.filter = filter;
            waiting = new ArrayDeque<>(first);
        }

        void offer(LogLine line) {
            if (!isWanted(line, level, filter)) {
                return;
            }
            synchronized (this) {
                if (waiting.size() >= LogFilter.MOST) {
                    lost++;
                } else {
                    addLoss();
                    waiting.addLast(line);
                    notifyAll();
                }
            }
        }

        /** Goes where the lost ones would be. */
        private void addLoss() {
            if (lost > 0) {
                String entries = lost == 1 ? " entry" : " entries";
                waiting.addLast(new LogLine(
                        Instant.now(), LogLevel.WARN.name(), OURS, lost + entries + " lost.", Optional.empty()));
                lost = 0;
            }
        }

        @Override
        public LogLine next() {
            reader = Thread.currentThread();
            synchronized (this) {
                try {
                    while (true) {
                        if (closed) {
                            throw new LlmgineException(ErrorCode.CANCELLED, "The log is read no more.");
                        }
                        if (waiting.isEmpty()) {
                            addLoss();
                        }
                        LogLine line = waiting.pollFirst();
                        if (line != null) {
                            return line;
                        }
                        wait();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new LlmgineException(ErrorCode.CANCELLED, "The log is read no more.", e);
                }
            }
        }

        @Override
        public void close() {
            followers.remove(this);
            synchronized (this) {
                closed = true;
                notifyAll();
            }
        }
    }
}
