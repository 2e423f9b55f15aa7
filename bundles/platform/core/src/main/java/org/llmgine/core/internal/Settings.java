package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.llmgine.core.session.SessionSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the settings of one moment; a change makes a new one.
 *
 * @param defaultModel the chain of names for which {@code default} stands
 * @param aliases the chains for which other names stand
 */
record Settings(
        List<String> defaultModel,
        Map<String, List<String>> aliases,
        Duration successorWait,
        Duration drainTimeout,
        Duration firstEventTimeout,
        Duration wholeAnswerTimeout,
        Duration gapTimeout,
        Duration streamTimeout,
        Duration turnTimeout,
        int maxConcurrentStreams,
        int maxConcurrentTurns,
        Retrying retrying,
        int toolThreads,
        Duration toolTimeout,
        int maxContextMessages,
        int maxContextChars,
        OfSessions sessions,
        OfApprovals approvals) {
    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
    private static final Pattern BETWEEN_NAMES = Pattern.compile("[\\s,]+");

    /** What retry and breaker go by; apart from the rest, so that another setting's change leaves a breaker's state. */
    record Retrying(int retries, Duration delay, Duration maxDelay, int breakerFailures, Duration breakerDelay) {}

    /** What sessions and their turns go by. */
    record OfSessions(
            String defaultEngine,
            Duration detachedGrace,
            Duration logKeep,
            long logMaxBytes,
            long keptLogsMaxBytes,
            int maxSessions,
            int maxMessages) {}

    /** What approvals go by. */
    record OfApprovals(Map<String, String> tools, boolean byOwner, Duration expiry) {}

    static Settings of(CoreSettings settings) {
        Settings read = new Settings(
                chain(settings.defaultModel()),
                aliases(settings.aliases()),
                Duration.ofMillis(settings.successorWaitMs()),
                Duration.ofMillis(settings.drainTimeoutMs()),
                Duration.ofMillis(settings.firstEventTimeoutMs()),
                Duration.ofMillis(settings.wholeAnswerTimeoutMs()),
                Duration.ofMillis(settings.gapTimeoutMs()),
                Duration.ofMillis(settings.streamTimeoutMs()),
                Duration.ofMillis(settings.turnTimeoutMs()),
                settings.maxConcurrentStreams(),
                settings.maxConcurrentTurns(),
                new Retrying(
                        settings.retries(),
                        Duration.ofMillis(settings.retryDelayMs()),
                        Duration.ofMillis(Math.max(settings.retryMaxDelayMs(), settings.retryDelayMs() + 1)),
                        settings.breakerFailures(),
                        Duration.ofMillis(settings.breakerDelayMs())),
                settings.toolThreads(),
                Duration.ofMillis(settings.toolTimeoutMs()),
                settings.maxContextMessages(),
                settings.maxContextChars(),
                new OfSessions(
                        settings.defaultEngine(),
                        Duration.ofMillis(settings.detachedGraceMs()),
                        Duration.ofMillis(settings.turnLogKeepMs()),
                        settings.turnLogMaxBytes(),
                        settings.turnLogsMaxBytes(),
                        settings.maxSessions(),
                        settings.maxSessionMessages()),
                new OfApprovals(
                        approvals(settings.approvals()),
                        settings.approvalsByOwner(),
                        Duration.ofMillis(settings.approvalExpiryMs())));
        read.complain(ModelNames.DEFAULT);
        read.aliases.keySet().forEach(read::complain);
        return read;
    }

    /** Log what a chain leaves out. */
    private void complain(String name) {
        List<String> chain = ModelNames.follow(name, this);
        chain.stream()
                .filter(member -> ModelNames.Target.of(member).isEmpty())
                .filter(member -> name.equals(ModelNames.DEFAULT)
                        || ModelNames.engine(name, this).isEmpty())
                .forEach(member -> LOG.error(
                        "{}: '{}', for which '{}' stands, is no model: write instance/model or an alias of one.",
                        CoreSettings.PID,
                        member,
                        name));
    }

    private static List<String> chain(String names) {
        return BETWEEN_NAMES
                .splitAsStream(names.strip())
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static Map<String, List<String>> aliases(String[] lines) {
        Map<String, List<String>> aliases = new LinkedHashMap<>();
        Arrays.stream(lines).map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            int equals = line.indexOf('=');
            String name = equals < 0 ? "" : line.substring(0, equals).strip();
            List<String> chain = chain(line.substring(equals + 1));
            if (name.isEmpty() || name.equals(ModelNames.DEFAULT) || name.indexOf('/') >= 0 || chain.isEmpty()) {
                LOG.error("{}: the alias '{}' is ignored: write name=instance/model.", CoreSettings.PID, line);
            } else {
                aliases.put(name, chain);
            }
        });
        return Map.copyOf(aliases);
    }

    private static Map<String, String> approvals(String[] lines) {
        Map<String, String> words = new LinkedHashMap<>();
        Arrays.stream(lines).map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            int equals = line.indexOf('=');
            String tool = equals < 0 ? "" : line.substring(0, equals).strip();
            String word = line.substring(equals + 1).strip();
            boolean known = ApprovalPolicy.WORDS.contains(word);
            if (tool.isEmpty() || !known) {
                LOG.error(
                        "{}: the approval '{}' must be name=allow, name=ask or name=deny.{}",
                        CoreSettings.PID,
                        line,
                        tool.isEmpty() ? " It is ignored." : " Calls of '" + tool + "' are denied until it is.");
            }
            if (!tool.isEmpty()) {
                // What can't be read is meant to hold something back.
                words.put(tool, known ? word : SessionSettings.DENY);
            }
        });
        return Map.copyOf(words);
    }
}
