package org.llmgine.core.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** Keep accounts and keys; it holds hashes, never a key or a password. Thread-safe; every method may block. */
@ConsumerType
public interface AccountStore {
    /** Return all accounts. */
    List<Account> accounts();

    /** Return all keys. */
    List<Key> keys();

    /** Find a key by its hash. It is on the way of every request, so it answers from memory. */
    Optional<Key> keyByHash(String sha256);

    /** Add an account or replace the one of the same name; durable on return. */
    void put(Account account);

    /** Add a key or replace the one of the same id; durable on return. */
    void put(Key key);

    /** Remove a key; durable on return. */
    void removeKey(String keyId);

    /**
     * Hold an account.
     *
     * @param name the unique name
     * @param roles the granted roles, see {@link org.llmgine.api.Principal}
     * @param passwordHash the Argon2id hash in PHC text form; empty when no login is allowed
     */
    record Account(String name, Set<String> roles, String passwordHash) {
        /** Copy the roles. */
        public Account {
            roles = Set.copyOf(roles);
        }
    }

    /**
     * Hold a key.
     *
     * @param id the public id
     * @param sha256 the SHA-256 of the key in lower-case hexadecimal
     * @param account the owner's name
     * @param label what it is for
     * @param created when it was made
     * @param expires when it ends; empty for never
     */
    record Key(String id, String sha256, String account, String label, Instant created, Optional<Instant> expires) {}
}
