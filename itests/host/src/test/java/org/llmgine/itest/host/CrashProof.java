package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.store.internal.CrashRun;
import org.llmgine.store.internal.Postgres;

/**
 * Two hundred kills at random moments, half of them on a file and half on PostgreSQL: 180 of a store with the bus and its
 * timers, 20 of a whole host that people talk to.
 */
@Tag("proof")
final class CrashProof {
    private static final int STORES = 90;
    private static final int HOSTS = 10;
    private static final int LONGEST_MS = 3_000;
    private static final String MESSAGES_MISSING = "messages missing";
    private static final String TURNS_MISSING = "turns missing or without an end";
    private static final List<String> ENDS = List.of("completed", "failed");

    @TempDir
    private Path folder;

    private final Random random = new Random();
    private Map<String, Integer> counts = new LinkedHashMap<>();

    @Test
    @Timeout(3600)
    void whatWasAcknowledgedOutlivesEveryKill() throws Exception {
        Postgres server = Postgres.shared();
        CrashRun.Figures file = CrashRun.kills(folder, "", STORES, random.nextLong());
        CrashRun.Figures postgres = CrashRun.kills(
                Files.createDirectory(folder.resolve("postgres")), server.database(), STORES, random.nextLong());
        Map<String, Integer> fileHost = killHosts(Host.unpack("crash-file"));
        Map<String, Integer> postgresHost = killHosts(Host.unpack("crash-postgres")
                .with("LLMGINE_DB_URL", server.database())
                .with("LLMGINE_DB_USER", "llmgine"));

        Report report = new Report("crash");
        file.counts().forEach((what, count) -> report.add("store alone, H2: " + what, count));
        postgres.counts().forEach((what, count) -> report.add("store alone, PostgreSQL: " + what, count));
        fileHost.forEach((what, count) -> report.add("whole host, H2: " + what, count));
        postgresHost.forEach((what, count) -> report.add("whole host, PostgreSQL: " + what, count));
        report.write();
        assertThat(file.faultCount()).as(file.toString()).isZero();
        assertThat(postgres.faultCount()).as(postgres.toString()).isZero();
        for (Map<String, Integer> host : List.of(fileHost, postgresHost)) {
            assertThat(host).containsEntry(MESSAGES_MISSING, 0).containsEntry(TURNS_MISSING, 0);
        }
    }

    private void add(String what, int count) {
        counts.merge(what, count, Integer::sum);
    }

    private Map<String, Integer> killHosts(Host made) throws Exception {
        counts = new LinkedHashMap<>();
        try (Host host = made.withoutCoverage()
                .withPlugin(Fixtures.scriptedProvider())
                .withSettings(SharedHost.INSTANCE_PID + "-main", "greeting = hello\n")) {
            Map<String, List<String>> answered = new ConcurrentHashMap<>();
            Set<String> begun = ConcurrentHashMap.newKeySet();
            for (int i = 0; i < HOSTS; i++) {
                host.start();
                SharedHost.awaitModel(host);
                check(host.api(), answered, begun);
                AtomicBoolean over = new AtomicBoolean();
                try (Crowd<Boolean> crowd = Crowd.of(4, () -> talk(host.api(), over, answered, begun))) {
                    LockSupport.parkNanos(
                            Duration.ofMillis(500 + random.nextInt(LONGEST_MS)).toNanos());
                    over.set(true);
                    host.kill();
                    crowd.results();
                }
                add("kills", 1);
            }
            host.start();
            SharedHost.awaitModel(host);
            check(host.api(), answered, begun);
        }
        return counts;
    }

    /** Talk in a session until the host is gone: what it said is noted when its answer is here. */
    private static boolean talk(Api api, AtomicBoolean over, Map<String, List<String>> answered, Set<String> begun) {
        try {
            TestSession session = TestSession.create(
                    api, "{\"model\":\"scripted~main/prompt\",\"settings\":{\"whenBusy\":\"queue\"}}");
            answered.put(session.id(), new ArrayList<>());
            for (int n = 0; !over.get(); n++) {
                if (n % 5 == 4) {
                    // One that is under way when the host is killed, more often than not.
                    begun.add(session.detach("paced-20-50"));
                } else {
                    session.finish("\"prompt\":\"paced-1-0\"")
                            .path("messages")
                            .forEach(message -> answered.get(session.id())
                                    .add(message.path("id").asText()));
                }
            }
        } catch (UncheckedIOException | AssertionError e) {
            // The host is gone, or going.
        }
        return true;
    }

    private void check(Api api, Map<String, List<String>> answered, Set<String> begun) {
        answered.forEach((session, ids) -> {
            Set<String> there = new HashSet<>();
            for (JsonNode message : new TestSession(api, session).messages()) {
                there.add(message.path("id").asText());
            }
            add("messages", ids.size());
            add(MESSAGES_MISSING, (int)
                    ids.stream().filter(id -> !there.contains(id)).count());
        });
        begun.forEach(turn -> {
            // A turn that isn't there has no state.
            JsonNode stored = Api.parse(api.get(turn).body());
            String state = stored.path("state").asText();
            boolean interrupted = stored.path("error").path("code").asText().equals("interrupted");
            add("turns interrupted", interrupted ? 1 : 0);
            add(TURNS_MISSING, ENDS.contains(state) && (interrupted || state.equals("completed")) ? 0 : 1);
        });
        answered.clear();
        begun.clear();
    }
}
