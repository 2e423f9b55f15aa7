package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.StoredTimer.Claim;
import org.llmgine.bus.spi.StoredTimer.Progress;
import org.llmgine.bus.spi.TimerStore;

/** What every store of timers has to do. */
public abstract class TimerStoreContract {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00.123Z");
    private static final Instant LATER = NOW.plusSeconds(30);

    private TimerStore store;

    /** Make an empty store. */
    protected abstract TimerStore newStore();

    @BeforeEach
    void make() {
        store = newStore();
    }

    private static StoredTimer timer(String id, String name, String schedule, String payload, Instant due) {
        StoredMessage message = new StoredMessage(
                StoredMessage.COMMAND,
                "test/work",
                3,
                "test.bundle",
                "test.Work",
                payload,
                "session",
                new Principal("ann", Set.of("user", "viewer")),
                Map.of("a", "1", "b", "ü"),
                "key",
                Optional.of("msg_1"));
        return new StoredTimer(
                id,
                name,
                "test.origin",
                schedule,
                message,
                Optional.of(Duration.ofMillis(1500)),
                Progress.first(due),
                Optional.empty());
    }

    private static StoredTimer timer(String id, Instant due) {
        return timer(id, "", "every PT1H", "{}", due);
    }

    @Test
    void whatIsPutIsFoundAsItWas() {
        StoredTimer full = timer("timer_1", "nightly", "cron UTC 0 3 * * *", "{\"text\":\"\\u00fc\"}", NOW)
                .withProgress(new Progress(
                        NOW, LATER, 2, "parked \u0000", Optional.of(NOW.minusSeconds(5)), "failed \ud83d"));
        StoredTimer plain = new StoredTimer(
                "timer_2",
                "",
                "",
                "once " + NOW,
                full.message(),
                Optional.empty(),
                Progress.first(NOW),
                Optional.empty());

        assertThat(store.put(full)).isEqualTo(full);
        assertThat(store.put(plain)).isEqualTo(plain);
        assertThat(store.find("timer_1")).contains(full);
        assertThat(store.find("nightly")).contains(full);
        assertThat(store.find("timer_2")).contains(plain);
        assertThat(store.find("timer_3")).isEmpty();
        assertThat(store.find("")).isEmpty();
    }

    @Test
    void aNameOfTheSameScheduleTakesOverTheMessage() {
        store.put(timer("timer_1", "n", "every PT1H", "{\"old\":1}", NOW));
        StoredTimer claimed = store.claim("a", NOW, LATER, 1).getFirst();
        StoredTimer stored = store.put(timer("timer_2", "n", "every PT1H", "{\"new\":1}", NOW.plusSeconds(99)));

        assertThat(stored.id()).isEqualTo("timer_1");
        assertThat(stored.progress()).isEqualTo(claimed.progress());
        assertThat(stored.claim()).isEqualTo(claimed.claim());
        assertThat(stored.message().payload()).isEqualTo("{\"new\":1}");
        assertThat(store.list("", 9)).containsExactly(stored);
        assertThat(store.complete("timer_1", "a", Optional.of(Progress.first(LATER))))
                .isTrue();
    }

    @Test
    void aNameOfAnotherScheduleReplacesWhoeverClaimsIt() {
        store.put(timer("timer_1", "n", "every PT1H", "{}", NOW));
        store.claim("a", NOW, LATER, 1);
        StoredTimer other = timer("timer_2", "n", "every PT2H", "{}", NOW);

        assertThat(store.put(other)).isEqualTo(other);
        assertThat(store.list("", 9)).containsExactly(other);
        assertThat(store.complete("timer_1", "a", Optional.empty())).isFalse();
    }

    @Test
    void timersWithoutNamesStandBesideEachOther() {
        store.put(timer("timer_1", NOW));
        store.put(timer("timer_2", NOW));

        assertThat(store.list("", 9)).hasSize(2);
    }

    @Test
    void theyAreListedByPages() {
        List<String> ids = IntStream.range(10, 35).mapToObj(i -> "timer_" + i).toList();
        ids.reversed().forEach(id -> store.put(timer(id, NOW)));
        List<String> seen = new ArrayList<>();
        List<StoredTimer> page = store.list("", 10);
        while (!page.isEmpty()) {
            page.forEach(timer -> seen.add(timer.id()));
            // The last one of a page may go before the next page is asked for.
            store.remove(page.getLast().id());
            page = store.list(page.getLast().id(), 10);
        }

        assertThat(seen).isEqualTo(ids);
    }

    @Test
    void whatIsRemovedIsGone() {
        store.put(timer("timer_1", NOW));
        store.claim("a", NOW, LATER, 1);

        assertThat(store.remove("timer_1")).isTrue();
        assertThat(store.remove("timer_1")).isFalse();
        assertThat(store.find("timer_1")).isEmpty();
        assertThat(store.renew("a", Set.of("timer_1"), LATER)).isEmpty();
        assertThat(store.complete("timer_1", "a", Optional.of(Progress.first(NOW))))
                .isFalse();
        assertThat(store.find("timer_1")).isEmpty();
    }

    @Test
    void whatIsDueLongestIsClaimedFirst() {
        store.put(timer("timer_1", NOW.plusMillis(1)));
        store.put(timer("timer_2", NOW));
        store.put(timer("timer_3", NOW.minusMillis(1)));
        store.put(timer("timer_4", NOW.minusSeconds(9)));

        assertThat(store.claim("a", NOW, LATER, 2)).extracting(StoredTimer::id).containsExactly("timer_4", "timer_3");
        List<StoredTimer> rest = store.claim("b", NOW, LATER, 9);
        assertThat(rest).extracting(StoredTimer::id).containsExactly("timer_2");
        assertThat(rest.getFirst().claim()).contains(new Claim("b", LATER));
        assertThat(store.find("timer_2")).contains(rest.getFirst());
    }

    @Test
    void aClaimThatIsOverMayBeTakenRenewedOrCompleted() {
        store.put(timer("timer_1", NOW));
        store.claim("a", NOW, LATER, 1);

        assertThat(store.claim("b", LATER.minusMillis(1), LATER.plusSeconds(30), 1))
                .isEmpty();
        assertThat(store.renew("a", Set.of("timer_1", "timer_9"), LATER.plusSeconds(1)))
                .containsExactly("timer_1");
        assertThat(store.claim("b", LATER, LATER.plusSeconds(30), 1)).isEmpty();
        assertThat(store.claim("b", LATER.plusSeconds(1), LATER.plusSeconds(30), 1))
                .hasSize(1);
        assertThat(store.renew("a", Set.of("timer_1"), LATER.plusSeconds(99))).isEmpty();
        assertThat(store.complete("timer_1", "a", Optional.empty())).isFalse();
        assertThat(store.complete("timer_1", "b", Optional.empty())).isTrue();
        assertThat(store.list("", 9)).isEmpty();
    }

    @Test
    void completionSetsTheProgressAndEndsTheClaim() {
        StoredTimer before = store.put(timer("timer_1", "n", "every PT1H", "{}", NOW));
        store.claim("a", NOW, LATER, 1);
        Progress next = new Progress(LATER, LATER.plusMillis(7), 3, "p", Optional.of(NOW), "e");

        assertThat(store.complete("timer_1", "a", Optional.of(next))).isTrue();
        assertThat(store.find("timer_1")).contains(before.withProgress(next));
        assertThat(store.complete("timer_1", "a", Optional.of(next))).isFalse();
    }

    @Test
    void aHolderGivesAllItsClaimsBackAndNoOther() {
        IntStream.range(0, 4).forEach(i -> store.put(timer("timer_" + i, NOW.plusMillis(i))));
        store.claim("a", NOW.plusSeconds(1), LATER, 2);
        store.claim("b", NOW.plusSeconds(1), LATER, 2);

        store.release("a");
        assertThat(store.claim("c", NOW.plusSeconds(1), LATER, 9))
                .extracting(StoredTimer::id)
                .containsExactly("timer_0", "timer_1");
    }

    @Test
    void whatIsParkedIsMadeDueUnlessItIsClaimedOrDueEarlier() {
        Progress parked = new Progress(NOW, LATER, 0, "why", Optional.empty(), "");
        store.put(timer("timer_1", NOW).withProgress(parked));
        store.put(timer("timer_2", LATER));
        store.put(timer("timer_3", NOW).withProgress(parked.withDue(NOW.minusSeconds(9))));
        store.put(timer("timer_4", NOW).withProgress(parked.withDue(NOW.minusSeconds(10))));
        store.claim("a", NOW, LATER, 1);

        store.unpark(NOW);
        assertThat(store.list("", 9))
                .extracting(timer -> timer.progress().due())
                .containsExactly(NOW, LATER, NOW.minusSeconds(9), NOW.minusSeconds(10));
        assertThat(store.find("timer_1").orElseThrow().progress().parked()).isEqualTo("why");
    }

    @Test
    void theNextDueTimeIsThatOfWhatCanBeClaimed() {
        assertThat(store.nextDue()).isEmpty();
        store.put(timer("timer_1", NOW));
        store.put(timer("timer_2", NOW.plusSeconds(60)));

        assertThat(store.nextDue()).contains(NOW);
        store.claim("a", NOW, LATER, 1);
        assertThat(store.nextDue()).contains(LATER);
        store.complete("timer_1", "a", Optional.empty());
        assertThat(store.nextDue()).contains(NOW.plusSeconds(60));
    }

    @Test
    void ofManyThatClaimAtTheSameTimeOneGetsEach() throws Exception {
        IntStream.range(0, 40).forEach(i -> store.put(timer("timer_" + i, NOW)));
        List<Callable<List<String>>> hosts = IntStream.range(0, 8)
                .<Callable<List<String>>>mapToObj(i -> () -> {
                    List<String> mine = new ArrayList<>();
                    for (int n = 0; n < 10; n++) {
                        store.claim("host" + i, NOW, LATER, 3).forEach(timer -> mine.add(timer.id()));
                    }
                    return mine;
                })
                .toList();
        List<String> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<List<String>> host : threads.invokeAll(hosts)) {
                all.addAll(host.get());
            }
        }

        assertThat(all).hasSize(40).doesNotHaveDuplicates();
    }

    @Test
    void ofManyThatPutANameAtTheSameTimeOneStays() throws Exception {
        List<Callable<StoredTimer>> hosts = IntStream.range(0, 16)
                .<Callable<StoredTimer>>mapToObj(i -> () ->
                        store.put(timer("timer_" + i, "n", "every PT" + (1 + i % 2) + "H", "{}", NOW.plusSeconds(i))))
                .toList();
        List<StoredTimer> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<StoredTimer> host : threads.invokeAll(hosts)) {
                results.add(host.get());
            }
        }

        List<StoredTimer> left = store.list("", 99);
        assertThat(left).hasSize(1);
        assertThat(results).contains(left.getFirst());
    }
}
