package org.llmgine.core.internal;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.settings.Setting;
import org.llmgine.core.spi.SettingsStore.State;

/**
 * Tells of one configuration what is in force and where it comes from.
 *
 * @param given what stands in Configuration Admin, before variables are put in
 * @param stored what is stored
 * @param unreadable the stored secrets that can't be read
 */
record SettingsInForce(
        String pid,
        Map<String, Object> given,
        Optional<State> stored,
        Set<String> unreadable,
        Map<String, String> environment) {
    /** Settings that read a variable of their own, whatever a file says. */
    private static final Map<String, String> VARIABLES =
            Map.of("org.llmgine.store.events/eventLog", "LLMGINE_PERSIST_EVENTS");

    /** Something that comes before what is stored. */
    private record Before(String origin, String source, Object value) {}

    /** Tell of a setting. */
    Setting of(SettingsForm.Field field) {
        boolean isStored = stored.map(state -> state.values().containsKey(field.id())
                        || state.secrets().containsKey(field.id()))
                .orElse(false);
        Optional<Before> before = before(field);
        if (before.isPresent()) {
            Before found = before.get();
            return setting(field, found.value(), isStored, found.origin(), found.source());
        }
        if (isStored) {
            return setting(
                    field,
                    stored.map(state -> (Object) state.values().get(field.id())).orElse(null),
                    true,
                    Setting.STORED,
                    "");
        }
        Object preset = Placeholder.of(given.get(field.id()))
                .map(Placeholder::otherwise)
                .filter(text -> !text.isBlank())
                .or(field::preset)
                .orElse(null);
        return setting(field, preset, false, Setting.DEFAULT, "");
    }

    private Optional<Before> before(SettingsForm.Field field) {
        String own = VARIABLES.get(pid + "/" + field.id());
        String set = own == null ? "" : environment.getOrDefault(own, "").strip();
        if (own != null && !set.isEmpty()) {
            return Optional.of(
                    new Before(Setting.VARIABLE, own, set.equals("1") ? "true" : set.equals("0") ? "false" : set));
        }
        Object value = given.get(field.id());
        if (value == null) {
            return Optional.empty();
        }
        Optional<Placeholder> placeholder = Placeholder.of(value);
        if (placeholder.isPresent()) {
            return placeholder
                    .get()
                    .value(environment)
                    .map(text -> new Before(Setting.VARIABLE, placeholder.get().variable(), text));
        }
        return Optional.of(
                given.get(StoredSettings.FILE_NAME) instanceof String file
                        ? new Before(Setting.FILE, "etc/" + Path.of(file).getFileName(), value)
                        : new Before(Setting.OTHER, "", value));
    }

    private Setting setting(
            SettingsForm.Field field, @Nullable Object value, boolean isStored, String origin, String source) {
        boolean unset = value == null || (field.isEmptyForm(value) && field.cardinality() == 0);
        if (field.isSecret()) {
            boolean set = origin.equals(Setting.STORED) || !field.isUnset(value);
            Optional<String> problem = origin.equals(Setting.STORED) && unreadable.contains(field.id())
                    ? Optional.of(field.id() + " can't be read. " + StoredSettings.UNREADABLE)
                    : Optional.empty();
            return new Setting(field.id(), Optional.empty(), true, set, isStored, origin, source, problem);
        }
        Optional<String> problem = field.problem(value == null ? null : field.parted(value));
        Optional<Object> shown = value == null || unset
                ? Optional.empty()
                : Optional.of(problem.isEmpty() ? field.typed(value) : value.toString());
        // A default is the description's affair.
        Optional<String> told = origin.equals(Setting.DEFAULT) ? Optional.empty() : problem;
        return new Setting(field.id(), shown, false, shown.isPresent(), isStored, origin, source, told);
    }
}
