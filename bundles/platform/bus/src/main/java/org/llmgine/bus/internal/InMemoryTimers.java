package org.llmgine.bus.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.StoredTimer.Claim;
import org.llmgine.bus.spi.StoredTimer.Progress;
import org.llmgine.bus.spi.TimerStore;

/** Keeps timers for as long as it lives: for tests. */
public final class InMemoryTimers implements TimerStore {
    private final Map<String, StoredTimer> timers = new TreeMap<>();

    @Override
    public synchronized StoredTimer put(StoredTimer timer) {
        Optional<StoredTimer> named = named(timer.name());
        StoredTimer stored = named.filter(before -> before.schedule().equals(timer.schedule()))
                .map(before -> new StoredTimer(
                        before.id(),
                        before.name(),
                        timer.origin(),
                        before.schedule(),
                        timer.message(),
                        timer.timeout(),
                        before.progress(),
                        before.claim()))
                .orElse(timer);
        named.ifPresent(before -> timers.remove(before.id()));
        timers.put(stored.id(), stored);
        return stored;
    }

    private Optional<StoredTimer> named(String name) {
        return timers.values().stream()
                .filter(timer -> !name.isEmpty() && timer.name().equals(name))
                .findFirst();
    }

    @Override
    public synchronized Optional<StoredTimer> find(String idOrName) {
        return Optional.ofNullable(timers.get(idOrName)).or(() -> named(idOrName));
    }

    @Override
    public synchronized List<StoredTimer> list(String after, int limit) {
        return timers.values().stream()
                .filter(timer -> timer.id().compareTo(after) > 0)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized boolean remove(String id) {
        return timers.remove(id) != null;
    }

    @Override
    public synchronized List<StoredTimer> claim(String holder, Instant now, Instant until, int limit) {
        List<StoredTimer> claimed = timers.values().stream()
                .filter(timer -> !timer.progress().due().isAfter(now))
                .filter(timer ->
                        timer.claim().filter(by -> by.until().isAfter(now)).isEmpty())
                .sorted(Comparator.comparing(timer -> timer.progress().due()))
                .limit(limit)
                .map(timer -> timer.withClaim(Optional.of(new Claim(holder, until))))
                .toList();
        claimed.forEach(timer -> timers.put(timer.id(), timer));
        return claimed;
    }

    @Override
    public synchronized Set<String> renew(String holder, Collection<String> ids, Instant until) {
        Set<String> kept = new HashSet<>();
        for (String id : ids) {
            if (isHeld(id, holder)) {
                timers.computeIfPresent(id, (key, timer) -> timer.withClaim(Optional.of(new Claim(holder, until))));
                kept.add(id);
            }
        }
        return kept;
    }

    private boolean isHeld(String id, String holder) {
        return Optional.ofNullable(timers.get(id))
                .flatMap(StoredTimer::claim)
                .filter(claim -> claim.holder().equals(holder))
                .isPresent();
    }

    @Override
    public synchronized boolean complete(String id, String holder, Optional<Progress> next) {
        if (!isHeld(id, holder)) {
            return false;
        }
        timers.computeIfPresent(
                id,
                (key, timer) -> next.map(
                                progress -> timer.withProgress(progress).withClaim(Optional.empty()))
                        .orElse(null));
        return true;
    }

    @Override
    public synchronized void release(String holder) {
        for (String id : new ArrayList<>(timers.keySet())) {
            if (isHeld(id, holder)) {
                timers.computeIfPresent(id, (key, timer) -> timer.withClaim(Optional.empty()));
            }
        }
    }

    @Override
    public synchronized void unpark(Instant due) {
        timers.replaceAll((id, timer) -> timer.progress().parked().isEmpty()
                        || timer.claim().isPresent()
                        || timer.progress().due().isBefore(due)
                ? timer
                : timer.withProgress(timer.progress().withDue(due)));
    }

    @Override
    public synchronized Optional<Instant> nextDue() {
        return timers.values().stream()
                .map(timer ->
                        timer.claim().map(Claim::until).orElse(timer.progress().due()))
                .min(Comparator.naturalOrder());
    }
}
