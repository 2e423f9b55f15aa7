package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.DeadLetterStore;

/** What every store of dead letters has to do. */
public abstract class DeadLetterStoreContract {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00.123456789Z");

    private DeadLetterStore store;

    /** Make an empty store. */
    protected abstract DeadLetterStore newStore();

    @BeforeEach
    void make() {
        store = newStore();
    }

    private static DeadLetter letter(String id, String type, Instant first) {
        StoredMessage message = new StoredMessage(
                StoredMessage.EVENT,
                type,
                3,
                "test.bundle",
                "test.Work",
                "{\"text\":\"\\u0000 ü 🎈\"}",
                "session",
                new Principal("ann", Set.of("user", "viewer")),
                Map.of("a", "1", "b", "ü"),
                "key",
                Optional.of("msg_1"));
        return new DeadLetter(id, message, "listener", 4, "plugin_failed", "It failed.", first, first);
    }

    private static DeadLetter letter(int number) {
        return letter("dead_" + number, "test/" + number % 2, NOW.plusNanos(number));
    }

    private List<String> ids(String type, String after, int limit) {
        return store.list(type, after, limit).stream().map(DeadLetter::id).toList();
    }

    @Test
    void whatIsPutIsFoundAsItWas() {
        DeadLetter full = letter("dead_1", "test/work", NOW);
        StoredMessage message = full.message();
        DeadLetter plain = new DeadLetter(
                "dead_2",
                new StoredMessage(
                        StoredMessage.COMMAND,
                        "test/work",
                        1,
                        "",
                        "test.Work",
                        "{}",
                        "",
                        Principal.ANONYMOUS,
                        Map.of(),
                        "",
                        Optional.empty()),
                "",
                1,
                "internal",
                "a NUL \u0000 and half of a surrogate pair \ud83d",
                NOW,
                NOW.plusSeconds(1));
        store.put(full);
        store.put(plain);

        assertThat(store.find("dead_1")).contains(full);
        assertThat(store.find("dead_1").orElseThrow().message()).isEqualTo(message);
        assertThat(store.find("dead_2")).contains(plain);
        assertThat(store.find("dead_3")).isEmpty();
        assertThat(store.count()).isEqualTo(2);
    }

    @Test
    void aLetterOfTheSameIdTakesThePlaceOfTheFormer() {
        IntStream.range(0, 3).forEach(i -> store.put(letter(i)));
        DeadLetter again = letter(1).triedAgain("busy", "Again.", NOW.plusSeconds(60));
        store.put(again);

        assertThat(store.list("", "", 9)).containsExactly(letter(0), again, letter(2));
    }

    @Test
    void theyAreListedOldestFirstByPagesAndByType() {
        List<String> ids = IntStream.range(0, 12).mapToObj(i -> "dead_" + i).toList();
        IntStream.range(0, 12).forEach(i -> store.put(letter(i)));

        List<String> seen = new ArrayList<>();
        List<String> page = ids("", "", 5);
        while (!page.isEmpty()) {
            seen.addAll(page);
            page = ids("", page.getLast(), 5);
        }
        assertThat(seen).isEqualTo(ids);
        assertThat(ids("test/1", "", 2)).containsExactly("dead_1", "dead_3");
        assertThat(ids("test/1", "dead_3", 9)).containsExactly("dead_5", "dead_7", "dead_9", "dead_11");
        assertThat(ids("test/1", "dead_4", 1)).containsExactly("dead_5");
        assertThat(ids("", "dead_99", 1)).containsExactly("dead_0");
        assertThat(ids("test/2", "", 9)).isEmpty();
    }

    @Test
    void whatIsRemovedIsGone() {
        IntStream.range(0, 5).forEach(i -> store.put(letter(i)));

        assertThat(store.remove("dead_0")).isTrue();
        assertThat(store.remove("dead_0")).isFalse();
        assertThat(store.find("dead_0")).isEmpty();
        assertThat(store.removeAll("test/1")).isEqualTo(2);
        assertThat(store.removeAll("test/1")).isZero();
        assertThat(ids("", "", 9)).containsExactly("dead_2", "dead_4");
        assertThat(store.removeAll("")).isEqualTo(2);
        assertThat(store.count()).isZero();
    }

    @Test
    void ofManyThatPutAnIdAtTheSameTimeOneStaysWhole() throws Exception {
        List<Callable<DeadLetter>> hosts = IntStream.range(0, 16)
                .<Callable<DeadLetter>>mapToObj(i -> () -> {
                    DeadLetter mine = letter(1).triedAgain("busy", "Try " + i, NOW.plusSeconds(i));
                    store.put(mine);
                    return mine;
                })
                .toList();
        List<DeadLetter> put = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<DeadLetter> host : threads.invokeAll(hosts)) {
                put.add(host.get());
            }
        }

        assertThat(store.count()).isEqualTo(1);
        assertThat(put).contains(store.list("", "", 1).getFirst());
    }
}
