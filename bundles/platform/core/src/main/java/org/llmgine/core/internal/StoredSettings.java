package org.llmgine.core.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.settings.ListSettingsChanges;
import org.llmgine.core.spi.SettingsStore;
import org.llmgine.core.spi.SettingsStore.State;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ConfigurationPlugin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the stored settings in force, those of other hosts of the same database among them.
 *
 * <p>They are laid over a configuration as it is delivered to its component, below what files and variables say. Configuration
 * Admin itself holds none of them: at most an empty configuration, so that there is something to deliver.
 */
@Component(service = StoredSettings.class)
public final class StoredSettings implements HostTimer.Watch {
    /** Marks a configuration that is there for the stored settings only. */
    static final String MARK = "llmgine.stored";

    static final String FILE_NAME = "felix.fileinstall.filename";

    /** Before the interpolation of variables, which has 500. */
    static final int BEFORE_VARIABLES = 400;

    /** After it, and before the check, which has 900. */
    static final int AFTER_VARIABLES = 700;

    /** What mends a secret that can't be read. */
    static final String UNREADABLE =
            "It was encrypted with another key: set it again, or start the host with the key in " + SecretBox.VARIABLE
                    + " or " + SecretBox.FILE + ".";

    private static final Logger LOG = LoggerFactory.getLogger(StoredSettings.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private final SettingsStore store;
    private final ConfigurationAdmin admin;
    private final SecretBox box;
    private final Map<String, String> environment;
    private final Map<String, State> current = new ConcurrentHashMap<>();
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final ToldChanges told;
    private final List<ServiceRegistration<?>> offered;
    private final HostTimer.Registration looking;
    private volatile long nextLook;

    /** Put in force what is stored. */
    @Activate
    public StoredSettings(
            BundleContext context,
            @Reference SettingsStore store,
            @Reference ConfigurationAdmin admin,
            @Reference HostTimer timer) {
        this(context, store, admin, timer, System.getenv());
    }

    StoredSettings(
            BundleContext context,
            SettingsStore store,
            ConfigurationAdmin admin,
            HostTimer timer,
            Map<String, String> environment) {
        this.store = store;
        this.admin = admin;
        this.environment = environment;
        box = new SecretBox(DataFolder.of(context), environment);
        told = new ToldChanges(admin);
        store.current().forEach(state -> current.put(state.pid(), state));
        offered = List.of(
                offer(context, BEFORE_VARIABLES, this::makeRoom),
                offer(context, AFTER_VARIABLES, this::layOver),
                context.registerService(ConfigurationListener.class, this::configurationEvent, null));
        lock.lock();
        try {
            removeLeftovers();
            current.keySet().forEach(this::deliver);
        } finally {
            lock.unlock();
        }
        nextLook = System.nanoTime() + BETWEEN_LOOKS.toNanos();
        looking = timer.watch(this);
    }

    private static ServiceRegistration<?> offer(BundleContext context, int ranking, ConfigurationPlugin plugin) {
        return context.registerService(
                ConfigurationPlugin.class,
                plugin,
                FrameworkUtil.asDictionary(Map.of(
                        ConfigurationPlugin.CM_RANKING,
                        ranking,
                        "config.plugin.id",
                        CoreSettings.PID + "." + ranking)));
    }

    /**
     * Remove the instances that are there for stored settings only, before anybody sees them without these: they come back with
     * the database.
     */
    static void removeInstances(ConfigurationAdmin admin) throws IOException {
        for (Configuration left : marked(admin)) {
            if (left.getFactoryPid() != null) {
                left.delete();
            }
        }
    }

    private void removeLeftovers() {
        try {
            for (Configuration left : marked(admin)) {
                if (stored(left.getPid()).isEmpty()) {
                    left.delete();
                }
            }
        } catch (IOException e) {
            LOG.error("What is left of former settings can't be removed.", e);
        }
    }

    private static List<Configuration> marked(ConfigurationAdmin admin) throws IOException {
        return list(admin, "(" + MARK + "=true)").stream()
                .filter(configuration -> properties(configuration)
                        .filter(properties -> properties.get(FILE_NAME) == null)
                        .isPresent())
                .toList();
    }

    /** Return what a configuration holds; nothing when it was deleted in between. */
    static Optional<Dictionary<String, Object>> properties(Configuration configuration) {
        try {
            return Optional.ofNullable(configuration.getProperties());
        } catch (IllegalStateException e) {
            return Optional.empty();
        }
    }

    /** Find configurations that hold something. */
    static List<Configuration> list(ConfigurationAdmin admin, String filter) throws IOException {
        try {
            Configuration @Nullable [] found = admin.listConfigurations(filter);
            return found == null ? List.of() : Arrays.asList(found);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Deactivate
    void close() {
        looking.close();
        offered.forEach(ServiceRegistration::unregister);
    }

    /** Return the last change of a configuration, be it that nothing is stored since. */
    Optional<State> last(String pid) {
        return Optional.ofNullable(current.get(pid));
    }

    /** Return what is stored for a configuration. */
    Optional<State> stored(String pid) {
        return last(pid).filter(state -> !state.removed());
    }

    /** Return the PIDs of all for which something is stored. */
    List<String> pids() {
        return current.values().stream()
                .filter(state -> !state.removed())
                .map(State::pid)
                .toList();
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Store a change and put it in force; where a component takes longer than a moment to take it, it is so soon. */
    void put(State change) {
        lock.lock();
        try {
            store.append(change, ListSettingsChanges.MOST);
            current.put(change.pid(), change);
            unreadable.removeIf(place -> place.startsWith(place(change.pid(), "")));
            deliver(change.pid());
            awaitTold();
        } finally {
            lock.unlock();
        }
    }

    String seal(String pid, String field, String secret) {
        return box.seal(place(pid, field), secret);
    }

    Optional<String> open(String pid, String field, String encrypted) {
        return box.open(place(pid, field), encrypted);
    }

    private static String place(String pid, String field) {
        return pid + "/" + field;
    }

    @Override
    public boolean isDue(long nanoTime) {
        return nanoTime - nextLook >= 0;
    }

    /** Follow other hosts, and a restored backup. */
    @Override
    public void act() {
        nextLook = System.nanoTime() + BETWEEN_LOOKS.toNanos();
        lock.lock();
        try {
            Set<String> gone = new HashSet<>(current.keySet());
            for (State state : store.current()) {
                gone.remove(state.pid());
                if (!state.equals(current.put(state.pid(), state))) {
                    deliver(state.pid());
                }
            }
            for (String pid : gone) {
                current.remove(pid);
                deliver(pid);
            }
        } catch (LlmgineException e) {
            LOG.debug("The stored settings can't be read at present.", e);
        } finally {
            lock.unlock();
        }
    }

    private void configurationEvent(ConfigurationEvent event) {
        told.see(event);
        String pid = event.getPid();
        if (event.getType() == ConfigurationEvent.CM_DELETED && stored(pid).isPresent()) {
            // Not here, where the others could not be told before the end.
            Thread.ofVirtual().name("stored-settings " + pid).start(() -> deliverAgain(pid));
        }
    }

    /** A file that is gone takes its configuration with it. */
    private void deliverAgain(String pid) {
        lock.lock();
        try {
            awaitTold();
            deliver(pid);
            awaitTold();
        } catch (LlmgineException e) {
            LOG.error("The stored settings of {} are not in force: {}", pid, e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private void awaitTold() {
        try {
            told.await();
        } catch (IOException e) {
            LOG.warn("Whether the settings are in force already can't be told: {}", e.toString());
        }
    }

    /** Have a configuration delivered anew. */
    private void deliver(String pid) {
        try {
            Optional<Configuration> found =
                    list(admin, "(service.pid=" + pid + ")").stream().findFirst();
            if (stored(pid).isPresent()) {
                Configuration configuration = found.isPresent() ? found.get() : make(pid);
                Dictionary<String, Object> properties = configuration.getProperties();
                configuration.update(properties == null ? FrameworkUtil.asDictionary(Map.of(MARK, true)) : properties);
            } else if (found.isPresent()) {
                Configuration configuration = found.get();
                Dictionary<String, Object> properties = configuration.getProperties();
                if (properties.get(MARK) != null && properties.get(FILE_NAME) == null) {
                    configuration.delete();
                } else {
                    configuration.update(properties);
                }
            }
        } catch (IllegalStateException e) {
            // Somebody deletes it. The event of that has it made anew, if something is stored.
            LOG.debug("The configuration {} went in between.", pid, e);
        } catch (IOException e) {
            throw new LlmgineException(
                            ErrorCode.UNAVAILABLE, "The settings of " + pid + " are stored, but not in force.", e)
                    .withHint("The host puts them in force when it starts. Is its disk full?");
        }
    }

    private Configuration make(String pid) throws IOException {
        int tilde = pid.indexOf('~');
        return tilde < 0
                ? admin.getConfiguration(pid, "?")
                : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
    }

    /** A file's entry that only names a variable which isn't set says nothing. */
    private void makeRoom(ServiceReference<?> reference, Dictionary<String, Object> properties) {
        of(reference, properties)
                .ifPresent(state -> fields(state)
                        .filter(field -> Placeholder.of(properties.get(field))
                                .filter(placeholder ->
                                        placeholder.value(environment).isEmpty())
                                .isPresent())
                        .forEach(properties::remove));
    }

    private void layOver(ServiceReference<?> reference, Dictionary<String, Object> properties) {
        of(reference, properties).ifPresent(state -> {
            state.values().forEach((field, value) -> {
                if (properties.get(field) == null) {
                    properties.put(field, delivered(value));
                }
            });
            state.secrets().forEach((field, encrypted) -> {
                if (properties.get(field) == null) {
                    open(state.pid(), field, encrypted)
                            .ifPresentOrElse(
                                    secret -> properties.put(field, secret), () -> complain(state.pid(), field));
                }
            });
        });
    }

    private Optional<State> of(@Nullable ServiceReference<?> reference, Dictionary<String, Object> properties) {
        Bundle bundle = reference == null ? null : reference.getBundle();
        // Whoever asks without a bundle, as Karaf's config:list does, sees nothing of what is stored.
        return bundle != null && properties.get("service.pid") instanceof String pid
                ? stored(pid).filter(state -> ConfigurationCheck.isOurs(bundle))
                : Optional.empty();
    }

    private static Stream<String> fields(State state) {
        return Stream.concat(state.values().keySet().stream(), state.secrets().keySet().stream());
    }

    private static Object delivered(Object value) {
        return value instanceof Collection<?> list
                ? list.stream().map(Objects::toString).toArray(String[]::new)
                : value;
    }

    private void complain(String pid, String field) {
        if (unreadable.add(place(pid, field))) {
            LOG.error("{}: the stored secret {} can't be read. {}", pid, field, UNREADABLE);
        }
    }
}
