package org.llmgine.core.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.core.spi.AccountStore;

/** Keeps accounts and keys for as long as it lives, where the host has a database. */
final class InMemoryAccountStore implements AccountStore {
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final Map<String, Key> keys = new ConcurrentHashMap<>();

    @Override
    public List<Account> accounts() {
        return List.copyOf(accounts.values());
    }

    @Override
    public List<Key> keys() {
        return List.copyOf(keys.values());
    }

    @Override
    public Optional<Key> keyByHash(String sha256) {
        return keys.values().stream().filter(key -> key.sha256().equals(sha256)).findFirst();
    }

    @Override
    public void put(Account account) {
        accounts.put(account.name(), account);
    }

    @Override
    public void put(Key key) {
        keys.put(key.id(), key);
    }

    @Override
    public void removeKey(String keyId) {
        keys.remove(keyId);
    }
}
