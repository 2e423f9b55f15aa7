package org.llmgine.store.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.core.spi.AccountStore.Key;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the file in which earlier versions kept accounts and keys, once: into a database without accounts, in one
 * transaction, after which the file is renamed. Cut off in between, the next start finds all of the file in the database and
 * renames it.
 *
 * @param file the file, which need not be there
 */
record AccountsFile(Path file) {
    static final String NAME = "accounts.json";

    private static final Logger LOG = LoggerFactory.getLogger(AccountsFile.class);

    private record Content(List<Account> accounts, List<Key> keys) {}

    /**
     * Take it over, if it is there.
     *
     * @throws IllegalStateException when it can't be read or renamed
     */
    void takeOver(Database database) {
        if (!Files.exists(file)) {
            return;
        }
        Content content = read();
        boolean taken = database.write(sql -> {
            if (sql.number("SELECT COUNT(*) FROM accounts") == 0) {
                for (Account account : content.accounts()) {
                    JdbcAccountStore.put(sql, account);
                }
                for (Key key : content.keys()) {
                    JdbcAccountStore.put(sql, key);
                }
                return true;
            }
            for (Account account : content.accounts()) {
                if (sql.number("SELECT COUNT(*) FROM accounts WHERE name = ?", account.name()) == 0) {
                    return false;
                }
            }
            for (Key key : content.keys()) {
                if (sql.number("SELECT COUNT(*) FROM api_keys WHERE sha256 = ?", key.sha256()) == 0) {
                    return false;
                }
            }
            return true;
        });
        if (taken) {
            rename();
        } else {
            LOG.warn("{} is not used: the database has accounts of its own. Move the file away.", file);
        }
    }

    private void rename() {
        Path renamed = file.resolveSibling(NAME + ".migrated");
        try {
            Files.move(file, renamed, StandardCopyOption.ATOMIC_MOVE);
            LOG.info(
                    "The accounts and keys of {} are in the database now; the file is {}.",
                    file,
                    renamed.getFileName());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "The accounts of " + file + " are in the database, but the file can't be renamed: move it away.",
                    e);
        }
    }

    private Content read() {
        List<Account> accounts = new ArrayList<>();
        List<Key> keys = new ArrayList<>();
        try {
            JsonNode root = new ObjectMapper().readTree(file.toFile());
            for (JsonNode node : root.required("accounts")) {
                Set<String> roles = new HashSet<>();
                node.required("roles").forEach(role -> roles.add(role.asText()));
                accounts.add(new Account(
                        node.required("name").asText(),
                        roles,
                        node.required("passwordHash").asText()));
            }
            for (JsonNode node : root.required("keys")) {
                keys.add(new Key(
                        node.required("id").asText(),
                        node.required("sha256").asText(),
                        node.required("account").asText(),
                        node.required("label").asText(),
                        Instant.parse(node.required("created").asText()),
                        Optional.ofNullable(node.get("expires"))
                                .map(JsonNode::asText)
                                .map(Instant::parse)));
            }
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new IllegalStateException(
                    "The accounts in " + file
                            + " can't be read, and are left as they are: mend the file, or move it away"
                            + " to begin with a new admin.",
                    e);
        }
        return new Content(accounts, keys);
    }
}
