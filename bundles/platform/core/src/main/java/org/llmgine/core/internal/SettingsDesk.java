package org.llmgine.core.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Registration;
import org.llmgine.core.settings.ChangeSettings;
import org.llmgine.core.settings.Configuration;
import org.llmgine.core.settings.ConfigurationEntry;
import org.llmgine.core.settings.GetConfiguration;
import org.llmgine.core.settings.ListConfigurations;
import org.llmgine.core.settings.ListSettingsChanges;
import org.llmgine.core.settings.RemoveSettings;
import org.llmgine.core.settings.RollBackSettings;
import org.llmgine.core.settings.Setting;
import org.llmgine.core.settings.SettingsChange;
import org.llmgine.core.spi.CommandDesk;
import org.llmgine.core.spi.SettingsStore;
import org.llmgine.core.spi.SettingsStore.State;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows and changes the settings that the host's bundles and the plugins describe. */
@Component(
        service = {},
        immediate = true)
public final class SettingsDesk {
    /** Where the settings are stored can't be stored there. */
    private static final String STORE = "org.llmgine.store";

    private static final Logger LOG = LoggerFactory.getLogger(SettingsDesk.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}");

    private final BundleContext context;
    private final StoredSettings settings;
    private final SettingsStore store;
    private final ConfigurationAdmin admin;
    private final List<Registration> handlers;

    /** Handle the commands of settings. */
    @Activate
    public SettingsDesk(
            BundleContext context,
            @Reference StoredSettings settings,
            @Reference SettingsStore store,
            @Reference ConfigurationAdmin admin,
            @Reference CommandDesk desk) {
        this.context = context;
        this.settings = settings;
        this.store = store;
        this.admin = admin;
        handlers = List.of(
                desk.handle(Principal.VIEWER, ListConfigurations.class, this::list),
                desk.handle(Principal.OPERATOR, GetConfiguration.class, command -> view(command.pid())),
                desk.handle(Principal.OPERATOR, ChangeSettings.class, this::change),
                desk.handle(Principal.OPERATOR, RemoveSettings.class, this::remove),
                desk.handle(Principal.OPERATOR, ListSettingsChanges.class, this::history),
                desk.handle(Principal.OPERATOR, RollBackSettings.class, this::rollBack));
    }

    @Deactivate
    void close() {
        handlers.forEach(Registration::close);
    }

    /** A form with the bundle whose it is. */
    private record Described(Bundle bundle, SettingsForm.Designated designated) {
        /** Prefer what runs, then the newer. */
        Described or(Described other) {
            boolean runs = bundle.getState() == Bundle.ACTIVE;
            boolean otherRuns = other.bundle.getState() == Bundle.ACTIVE;
            return runs == otherRuns
                    ? bundle.getVersion().compareTo(other.bundle.getVersion()) >= 0 ? this : other
                    : runs ? this : other;
        }

        SettingsForm form() {
            return designated.form();
        }

        Optional<String> plugin() {
            return PluginTracker.plugins(bundle).stream()
                    .map(capability -> capability.getAttributes().get("id"))
                    .filter(String.class::isInstance)
                    .map(String.class::cast)
                    .findFirst();
        }

        /** Any plugin may have several instances. */
        boolean mayBeSeveral() {
            return designated.factory() || plugin().isPresent();
        }
    }

    private Map<String, Described> described() {
        Map<String, Described> all = new TreeMap<>();
        for (Bundle bundle : context.getBundles()) {
            // Looking into one that is only installed would resolve it.
            if (bundle.getState() == Bundle.INSTALLED
                    || bundle.getSymbolicName() == null
                    || !ConfigurationCheck.isOurs(bundle)) {
                continue;
            }
            try {
                SettingsForm.all(bundle)
                        .forEach(designated ->
                                all.merge(designated.pid(), new Described(bundle, designated), Described::or));
            } catch (IOException e) {
                // The check of what is delivered tells it.
                LOG.debug("The settings of {} can't be read.", bundle.getSymbolicName(), e);
            }
        }
        all.remove(STORE);
        return all;
    }

    private Described described(String pid) {
        int tilde = pid.indexOf('~');
        String base = tilde < 0 ? pid : pid.substring(0, tilde);
        if (base.equals(STORE)) {
            throw new LlmgineException(ErrorCode.NOT_FOUND, "Where the settings are stored can't be stored there.")
                    .withField("pid")
                    .withHint("Set LLMGINE_DB_URL, LLMGINE_DB_USER and LLMGINE_DB_PASSWORD, or etc/" + STORE
                            + ".cfg, and start the host anew.");
        }
        Map<String, Described> all = described();
        Described found = all.get(base);
        if (found == null) {
            throw NearNames.hint(unknown(pid), base, all.keySet());
        }
        if (tilde >= 0 && !found.mayBeSeveral()) {
            throw new LlmgineException(ErrorCode.NOT_FOUND, "There is one " + base + " only.")
                    .withField("pid")
                    .withHint("Leave the name out.");
        }
        if (tilde >= 0 && !NAME.matcher(pid.substring(tilde + 1)).matches()) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "'" + pid.substring(tilde + 1) + "' can't be the name of an instance.")
                    .withField("pid")
                    .withHint("Take up to 64 letters, digits, hyphens, dots and underscores.");
        }
        return found;
    }

    private static LlmgineException unknown(String pid) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "There is no configuration '" + pid + "'.").withField("pid");
    }

    private List<ConfigurationEntry> list(ListConfigurations command) {
        return described().values().stream().map(this::entry).toList();
    }

    private ConfigurationEntry entry(Described described) {
        String pid = described.designated().pid();
        TreeSet<String> instances = new TreeSet<>();
        for (Dictionary<String, Object> made : configurations("(service.factoryPid=" + pid + ")")) {
            instances.add((String) made.get(Constants.SERVICE_PID));
        }
        settings.pids().stream().filter(stored -> stored.startsWith(pid + "~")).forEach(instances::add);
        return new ConfigurationEntry(
                pid,
                described.mayBeSeveral(),
                described.form().name(),
                described.form().description(),
                described.bundle().getSymbolicName(),
                described.plugin(),
                List.copyOf(instances));
    }

    private List<Dictionary<String, Object>> configurations(String filter) {
        try {
            return StoredSettings.list(admin, filter).stream()
                    .flatMap(configuration -> StoredSettings.properties(configuration).stream())
                    .toList();
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The configurations can't be read.", e);
        }
    }

    private Configuration view(String pid) {
        Described described = described(pid);
        SettingsInForce inForce = inForce(pid);
        return new Configuration(
                entry(described),
                pid,
                settings.last(pid).map(State::version).orElse(0L),
                inForce.stored().isPresent(),
                SettingsSchema.of(described.form()),
                described.form().fields().stream().map(inForce::of).toList());
    }

    private SettingsInForce inForce(String pid) {
        return inForce(pid, settings.stored(pid));
    }

    private SettingsInForce inForce(String pid, Optional<State> stored) {
        Set<String> unreadable = stored.stream()
                .flatMap(state -> state.secrets().entrySet().stream())
                .filter(secret ->
                        settings.open(pid, secret.getKey(), secret.getValue()).isEmpty())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return new SettingsInForce(pid, given(pid), stored, unreadable, settings.environment());
    }

    /** Return what files and others gave, as they gave it. */
    private Map<String, Object> given(String pid) {
        Map<String, Object> given = new HashMap<>();
        for (Dictionary<String, Object> properties : configurations("(service.pid=" + pid + ")")) {
            properties.keys().asIterator().forEachRemaining(name -> given.put(name, properties.get(name)));
        }
        return given;
    }

    private Configuration change(ChangeSettings command) {
        String pid = command.pid();
        SettingsForm form = described(pid).form();
        Optional<State> last = settings.last(pid);
        long version = last.map(State::version).orElse(0L);
        if (command.version().isPresent() && command.version().getAsLong() != version) {
            throw new LlmgineException(
                            ErrorCode.BUSY,
                            pid + " is at version " + version + " and not "
                                    + command.version().getAsLong() + ": somebody else has changed it.")
                    .withHint("Read it again.");
        }
        SettingsInForce inForce = inForce(pid);
        Optional<State> stored = settings.stored(pid);
        Map<String, Object> values = new TreeMap<>();
        Map<String, String> secrets = new TreeMap<>();
        stored.ifPresent(state -> {
            if (!command.replace()) {
                values.putAll(state.values());
            }
            secrets.putAll(state.secrets());
        });
        for (String name : command.unset()) {
            field(pid, form, name);
            values.remove(name);
            secrets.remove(name);
        }
        command.values().forEach((name, given) -> {
            SettingsForm.Field field = field(pid, form, name);
            Object value = checked(field, given);
            if (hasEffect(field, value, inForce.of(field))) {
                if (field.isSecret()) {
                    String former = secrets.get(name);
                    boolean same = former != null
                            && settings.open(pid, name, former)
                                    .filter(value::equals)
                                    .isPresent();
                    if (!same) {
                        secrets.put(name, settings.seal(pid, name, value.toString()));
                    }
                } else {
                    values.put(name, value);
                }
            }
        });
        // An instance may be there without any setting of its own.
        boolean nothing = values.isEmpty() && secrets.isEmpty() && pid.indexOf('~') < 0;
        State changed = new State(pid, version + 1, now(), command.principal().name(), nothing, values, secrets);
        checkNeeded(form, changed);
        boolean same = stored.map(state -> state.values().equals(changed.values())
                        && state.secrets().equals(changed.secrets()))
                .orElse(nothing);
        if (!same) {
            settings.put(changed);
        }
        return view(pid);
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private static SettingsForm.Field field(String pid, SettingsForm form, String name) {
        return form.field(name)
                .orElseThrow(() -> NearNames.hint(
                        refusal(name, "is no setting of " + pid + "."),
                        name,
                        form.fields().stream().map(SettingsForm.Field::id).toList()));
    }

    private static LlmgineException refusal(String name, String what) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, name + " " + what).withField(name);
    }

    private static Object checked(SettingsForm.Field field, Object given) {
        if (!field.isOfType(given)) {
            throw refusal(field.id(), "must be " + field.allowed() + ".");
        }
        Object value = field.parted(given);
        if (field.cardinality() == 0 && field.isEmptyForm(value)) {
            throw refusal(field.id(), "must be " + field.allowed() + ".")
                    .withHint("To store no value, leave it out, or give null.");
        }
        field.problem(value).ifPresent(problem -> {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, problem).withField(field.id());
        });
        return field.typed(value);
    }

    /** Refuse what would be stored without effect; what is in force anyway needs no storing. */
    private static boolean hasEffect(SettingsForm.Field field, Object value, Setting now) {
        switch (now.origin()) {
            case Setting.STORED, Setting.DEFAULT -> {
                return true;
            }
            default -> {
                if (now.value().filter(value::equals).isPresent()) {
                    return false;
                }
            }
        }
        throw switch (now.origin()) {
            case Setting.VARIABLE ->
                refusal(field.id(), "is set by the variable " + now.source() + ", which comes before what is stored.")
                        .withHint("Unset the variable and start the host anew, or leave " + field.id() + " out.");
            case Setting.FILE ->
                refusal(field.id(), "is set by " + now.source() + ", which comes before what is stored.")
                        .withHint("Change it there, or take the line out of that file.");
            default ->
                refusal(field.id(), "is set in Configuration Admin, which comes before what is stored.")
                        .withHint("Remove it there, for example by config:property-delete in Karaf's shell.");
        };
    }

    /** Refuse to leave out what there must be. */
    private void checkNeeded(SettingsForm form, State changed) {
        SettingsInForce then = inForce(changed.pid(), Optional.of(changed));
        form.fields().stream()
                .filter(SettingsForm.Field::isNeeded)
                .filter(field -> !then.of(field).set())
                .findFirst()
                .ifPresent(field -> {
                    throw refusal(field.id(), "is missing; it must be " + field.allowed() + ".");
                });
    }

    private SettingsChange remove(RemoveSettings command) {
        String pid = command.pid();
        Optional<State> stored = settings.stored(pid);
        if (stored.isEmpty()) {
            described(pid);
            throw nothingStored(pid);
        }
        State removed = new State(
                pid, stored.get().version() + 1, now(), command.principal().name(), true, Map.of(), Map.of());
        settings.put(removed);
        return change(removed, stored, form(pid));
    }

    private LlmgineException nothingStored(String pid) {
        LlmgineException failure = new LlmgineException(ErrorCode.NOT_FOUND, "Nothing is stored for " + pid + ".");
        return given(pid).get(StoredSettings.FILE_NAME) instanceof String file
                ? failure.withHint("It comes from etc/" + Path.of(file).getFileName() + ".")
                : failure;
    }

    /** Return the form, if it is still there: settings outlive their plugin. */
    private Optional<SettingsForm> form(String pid) {
        int tilde = pid.indexOf('~');
        return Optional.ofNullable(described().get(tilde < 0 ? pid : pid.substring(0, tilde)))
                .map(Described::form);
    }

    private List<SettingsChange> history(ListSettingsChanges command) {
        String pid = command.pid();
        long before = command.before() == 0 ? Long.MAX_VALUE : command.before();
        List<State> states = store.history(pid, before, Math.clamp(command.limit(), 1, ListSettingsChanges.MOST) + 1);
        if (states.isEmpty() && settings.last(pid).isEmpty()) {
            described(pid);
        }
        Optional<SettingsForm> form = form(pid);
        List<SettingsChange> changes = new ArrayList<>();
        for (int i = 0; i < Math.min(states.size(), command.limit()); i++) {
            changes.add(change(
                    states.get(i), i + 1 < states.size() ? Optional.of(states.get(i + 1)) : Optional.empty(), form));
        }
        return changes;
    }

    private static SettingsChange change(State state, Optional<State> former, Optional<SettingsForm> form) {
        Map<String, Object> before = former.map(SettingsDesk::all).orElse(Map.of());
        Map<String, Object> after = all(state);
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        names.removeIf(name -> Objects.equals(before.get(name), after.get(name)));
        // A setting may have become a secret since.
        Map<String, Object> shown = new TreeMap<>(state.values());
        TreeSet<String> secrets = new TreeSet<>(state.secrets().keySet());
        form.stream()
                .flatMap(known -> known.fields().stream())
                .filter(SettingsForm.Field::isSecret)
                .forEach(field -> {
                    if (shown.remove(field.id()) != null) {
                        secrets.add(field.id());
                    }
                });
        return new SettingsChange(
                state.pid(),
                state.version(),
                state.time(),
                state.principal(),
                state.removed(),
                List.copyOf(names),
                shown,
                List.copyOf(secrets));
    }

    private static Map<String, Object> all(State state) {
        Map<String, Object> all = new HashMap<>(state.values());
        all.putAll(state.secrets());
        return all;
    }

    private Configuration rollBack(RollBackSettings command) {
        String pid = command.pid();
        SettingsForm form = described(pid).form();
        long version = settings.last(pid).map(State::version).orElse(0L);
        long before = command.to().isPresent() ? command.to().getAsLong() + 1 : version;
        State former = store.history(pid, before, 1).stream()
                .filter(state -> command.to().isEmpty()
                        || state.version() == command.to().getAsLong())
                .findFirst()
                .orElseThrow(() -> new LlmgineException(
                                ErrorCode.NOT_FOUND,
                                command.to().isPresent()
                                        ? "No version " + command.to().getAsLong() + " of " + pid + " is kept."
                                        : "There is no version of " + pid + " before this one.")
                        .withField("to"));
        former.values().forEach((name, value) -> checked(field(pid, form, name), value));
        former.secrets().keySet().forEach(name -> field(pid, form, name));
        State again = new State(
                pid,
                version + 1,
                now(),
                command.principal().name(),
                former.removed(),
                former.values(),
                former.secrets());
        if (!again.removed()) {
            checkNeeded(form, again);
        }
        settings.put(again);
        return view(pid);
    }
}
