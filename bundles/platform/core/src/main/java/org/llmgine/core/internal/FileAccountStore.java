package org.llmgine.core.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.llmgine.core.spi.AccountStore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps accounts and keys in one small file, {@code accounts.json} in the data folder, which only its owner may read. */
@Component(service = AccountStore.class)
public final class FileAccountStore implements AccountStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileAccountStore.class);
    private static final String FILE = "accounts.json";

    private final DataFolder folder;
    private final ObjectMapper json =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What is stored; replaced as a whole, after it was written. */
    private volatile Content content;

    private record Content(Map<String, Account> accounts, Map<String, Key> keysByHash) {}

    /** Read the file; one that can't be read stops the host rather than being overwritten. */
    @Activate
    public FileAccountStore(BundleContext context) {
        folder = DataFolder.of(context);
        try {
            content = load();
        } catch (IllegalStateException e) {
            LOG.error("The host stops. {}", e.getMessage());
            Thread.ofVirtual().name("llmgine-stop").start(() -> stop(context));
            throw e;
        }
    }

    private static void stop(BundleContext context) {
        try {
            context.getBundle(Constants.SYSTEM_BUNDLE_ID).stop();
        } catch (BundleException e) {
            LOG.error("The host can't be stopped.", e);
        }
    }

    FileAccountStore(DataFolder folder) {
        this.folder = folder;
        content = load();
    }

    @Override
    public List<Account> accounts() {
        return List.copyOf(content.accounts().values());
    }

    @Override
    public List<Key> keys() {
        return List.copyOf(content.keysByHash().values());
    }

    @Override
    public Optional<Key> keyByHash(String sha256) {
        return Optional.ofNullable(content.keysByHash().get(sha256));
    }

    @Override
    public synchronized void put(Account account) {
        Map<String, Account> accounts = new LinkedHashMap<>(content.accounts());
        accounts.put(account.name(), account);
        save(new Content(accounts, content.keysByHash()));
    }

    @Override
    public synchronized void put(Key key) {
        Map<String, Key> keys = new LinkedHashMap<>(content.keysByHash());
        keys.values().removeIf(other -> other.id().equals(key.id()));
        keys.put(key.sha256(), key);
        save(new Content(content.accounts(), keys));
    }

    @Override
    public synchronized void removeKey(String keyId) {
        Map<String, Key> keys = new LinkedHashMap<>(content.keysByHash());
        if (keys.values().removeIf(key -> key.id().equals(keyId))) {
            save(new Content(content.accounts(), keys));
        }
    }

    private void save(Content changed) {
        ObjectNode root = json.createObjectNode();
        ArrayNode accounts = root.putArray("accounts");
        changed.accounts().values().forEach(account -> {
            ObjectNode node = accounts.addObject().put("name", account.name());
            account.roles().stream().sorted().forEach(node.putArray("roles")::add);
            node.put("passwordHash", account.passwordHash());
        });
        ArrayNode keys = root.putArray("keys");
        changed.keysByHash().values().forEach(key -> {
            ObjectNode node = keys.addObject()
                    .put("id", key.id())
                    .put("sha256", key.sha256())
                    .put("account", key.account())
                    .put("label", key.label())
                    .put("created", key.created().toString());
            key.expires().ifPresent(expires -> node.put("expires", expires.toString()));
        });
        try {
            folder.write(FILE, json.writeValueAsString(root) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("The accounts can't be written to " + folder.file(FILE) + ".", e);
        }
        content = changed;
    }

    private Content load() {
        Path file = folder.file(FILE);
        Map<String, Account> accounts = new LinkedHashMap<>();
        Map<String, Key> keys = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return new Content(accounts, keys);
        }
        try {
            JsonNode root = json.readTree(file.toFile());
            for (JsonNode node : root.required("accounts")) {
                Set<String> roles = new HashSet<>();
                node.required("roles").forEach(role -> roles.add(role.asText()));
                String name = node.required("name").asText();
                accounts.put(
                        name,
                        new Account(name, roles, node.required("passwordHash").asText()));
            }
            for (JsonNode node : root.required("keys")) {
                String hash = node.required("sha256").asText();
                keys.put(
                        hash,
                        new Key(
                                node.required("id").asText(),
                                hash,
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
