package org.llmgine.store.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.spi.SessionStore.Entry;

/**
 * Kills writers at random moments, opens their database again after each, and counts. What a further kind of thing that is stored
 * has to keep is written in {@link CrashWriter}, and checked here in {@link #check}.
 */
public final class CrashRun {
    private static final int LONGEST_MS = 700;
    private static final int EARLY = 5;
    private static final Duration TIMERS_LIMIT = Duration.ofSeconds(45);

    private final Path data;
    private final String url;
    private final Random random;
    private final Figures figures = new Figures();
    private final List<List<String>> said = new ArrayList<>();

    /** What was counted; of those that say what is wrong each should be zero. */
    public static final class Figures {
        private final Map<String, Integer> counts = new LinkedHashMap<>();

        private Figures() {
            List.of(
                            "kills",
                            "messages",
                            "turns ended",
                            "turns interrupted",
                            "approvals asked for",
                            "approvals decided",
                            "dead letters",
                            "timers",
                            "timers run again")
                    .forEach(what -> add(what, 0));
            faults().forEach(what -> add(what, 0));
        }

        private static Stream<String> faults() {
            return Stream.of(
                    "messages missing",
                    "turns missing or without an end",
                    "approvals missing or undecided again",
                    "dead letters missing",
                    "timers' effects missing",
                    "timers' effects doubled");
        }

        private void add(String what, int count) {
            counts.merge(what, count, Integer::sum);
        }

        /** Return all counts. */
        public Map<String, Integer> counts() {
            return Map.copyOf(counts);
        }

        /** Count what is wrong. */
        public int faultCount() {
            return faults().mapToInt(what -> counts.getOrDefault(what, 0)).sum();
        }

        @Override
        public String toString() {
            return counts.toString();
        }
    }

    private CrashRun(Path data, String url, long seed) {
        this.data = data;
        this.url = url;
        random = new Random(seed);
    }

    /**
     * Kill so many writers on one database.
     *
     * @param url the PostgreSQL database; empty for a file
     */
    public static Figures kills(Path data, String url, int kills, long seed) throws IOException, InterruptedException {
        CrashRun run = new CrashRun(data, url, seed);
        for (int i = 1; i <= kills; i++) {
            // Each fifth may still be about to open what the one before it left.
            run.said.add(run.kill(i % EARLY == 0));
            run.figures.add("kills", 1);
            try (CrashHost host = new CrashHost(data, url, () -> {})) {
                run.awaitTimers(host);
                run.check(host, run.said.getLast());
                run.tidy(host);
            }
        }
        try (CrashHost host = new CrashHost(data, url, () -> {})) {
            for (List<String> lines : run.said) {
                run.checkSessions(host, lines, false);
                run.checkApprovals(host, lines, false);
            }
        }
        return run.figures;
    }

    /** Start a writer, kill it, and return what it said. */
    private List<String> kill(boolean early) throws IOException, InterruptedException {
        Path output = data.resolve("writer.out");
        Path errors = data.resolve("writer.err");
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashWriter.class.getName(),
                        data.toString(),
                        url)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        while (!early && Files.size(output) == 0) {
            if (!writer.isAlive()) {
                throw new IllegalStateException("The writer ended by itself:\n" + Files.readString(errors));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_MS)));
        writer.destroyForcibly().waitFor();
        String said = Files.readString(output);
        // It may have been killed while it wrote the last line.
        return said.substring(0, said.lastIndexOf('\n') + 1).lines().toList();
    }

    private void awaitTimers(CrashHost host) {
        long deadline = System.nanoTime() + TIMERS_LIMIT.toNanos();
        while (!host.timers.list("", 1).isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private void check(CrashHost host, List<String> lines) {
        checkSessions(host, lines, true);
        checkApprovals(host, lines, true);
        for (String[] words : words(lines, CrashWriter.LETTER)) {
            figures.add("dead letters", 1);
            figures.add("dead letters missing", host.letters.find(words[1]).isPresent() ? 0 : 1);
        }
        Map<String, Integer> effects = new HashMap<>();
        host.database
                .read(sql -> sql.list("SELECT run FROM crash_effects", row -> row.getString(1)))
                .forEach(run -> effects.merge(run.replaceFirst("@.*", ""), 1, Integer::sum));
        for (String[] words : words(lines, CrashWriter.TIMER)) {
            figures.add("timers", 1);
            figures.add("timers' effects missing", effects.containsKey(words[1]) ? 0 : 1);
        }
        // Each timer is for one run: another key would be another effect.
        effects.values().forEach(count -> figures.add("timers' effects doubled", count - 1));
        int runs = host.database.read(sql -> sql.number("SELECT COUNT(*) FROM crash_runs"));
        figures.add("timers run again", runs - effects.size());
    }

    private void checkSessions(CrashHost host, List<String> lines, boolean first) {
        Map<String, List<String>> messages = new LinkedHashMap<>();
        words(lines, CrashWriter.MESSAGE)
                .forEach(words -> messages.computeIfAbsent(words[1], any -> new ArrayList<>())
                        .add(words[2]));
        messages.forEach((session, ids) -> {
            List<Entry> entries = host.sessions.entries(session);
            for (int i = 0; i < ids.size(); i++) {
                Entry said = Samples.entry(ids.get(i), ids.get(i).replaceAll("msg_(\\d)_.*", "turn_$1"));
                figures.add("messages", first ? 1 : 0);
                figures.add(
                        "messages missing", i < entries.size() && entries.get(i).equals(said) ? 0 : 1);
            }
        });
        Set<String> ended = new HashSet<>();
        words(lines, CrashWriter.ENDED).forEach(words -> ended.add(words[1] + words[2]));
        for (String[] words : words(lines, CrashWriter.BEGAN)) {
            Optional<SessionTurn> turn = host.sessions.turn(words[1], words[2]);
            boolean completed = turn.filter(one -> one.state().equals(SessionTurn.COMPLETED))
                    .isPresent();
            boolean interrupted = turn.flatMap(SessionTurn::failure).equals(Optional.of(TurnFailure.INTERRUPTED));
            boolean mustBe = ended.contains(words[1] + words[2]);
            figures.add("turns ended", first && completed ? 1 : 0);
            figures.add("turns interrupted", first && interrupted ? 1 : 0);
            figures.add("turns missing or without an end", completed || (interrupted && !mustBe) ? 0 : 1);
        }
    }

    private void checkApprovals(CrashHost host, List<String> lines, boolean first) {
        Set<String> decided = new HashSet<>();
        words(lines, CrashWriter.DECIDED).forEach(words -> decided.add(words[2]));
        for (String[] words : words(lines, CrashWriter.ASKED)) {
            Optional<Approval> there = host.approvals.approval(words[2]);
            boolean waits = host.sessions
                    .turn(words[1], CrashWriter.WAITING)
                    .filter(turn -> turn.state().equals(SessionTurn.SUSPENDED))
                    .isPresent();
            boolean asDecided = there.filter(approval -> approval.decidedBy().equals(Optional.of("ann")))
                    .isPresent();
            boolean right = waits && there.isPresent() && (asDecided || !decided.contains(words[2]));
            figures.add("approvals asked for", first ? 1 : 0);
            figures.add("approvals decided", first && asDecided ? 1 : 0);
            figures.add("approvals missing or undecided again", right ? 0 : 1);
        }
    }

    private static List<String[]> words(List<String> lines, String kind) {
        return lines.stream()
                .map(line -> line.split(" "))
                .filter(words -> words[0].equals(kind))
                .toList();
    }

    /** Throw away what was counted, and would only be in the way. */
    private void tidy(CrashHost host) {
        host.letters.removeAll("");
        host.database.write(sql -> sql.update("DELETE FROM crash_runs") + sql.update("DELETE FROM crash_effects"));
    }
}
