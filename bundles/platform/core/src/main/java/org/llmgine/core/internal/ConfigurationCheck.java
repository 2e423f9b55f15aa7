package org.llmgine.core.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks what is configured for the host's bundles and for plugins, by file or by command, as it is delivered.
 *
 * <p>A bad value is replaced by the last good one, else by the default. A plugin's instance for which there was no good one is
 * left out: the component gets the property {@link PluginTracker#PROBLEM}.
 */
final class ConfigurationCheck implements ConfigurationPlugin {
    /** After the interpolation of variables and secrets, which has 500. */
    static final int RANKING = 900;

    /** The service property that tells of a bad value in whose place the last good one still serves. */
    static final String KEPT = "llmgine.config.kept";

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationCheck.class);
    private static final String OWN_PREFIX = "org.llmgine.";

    private final Map<String, Map<String, Object>> lastGood = new ConcurrentHashMap<>();
    private final Map<String, List<String>> reported = new ConcurrentHashMap<>();
    private final Map<String, List<String>> warned = new ConcurrentHashMap<>();

    @Override
    public void modifyConfiguration(ServiceReference<?> reference, Dictionary<String, Object> properties) {
        Bundle bundle = reference == null ? null : reference.getBundle();
        Object pid = properties.get("service.pid");
        Object factoryPid = properties.get(ConfigurationAdmin.SERVICE_FACTORYPID);
        if (bundle == null || !(pid instanceof String name) || !isOurs(bundle)) {
            return;
        }
        try {
            SettingsForm.of(bundle, factoryPid instanceof String factory ? factory : name)
                    .ifPresent(form -> check(name, form, properties));
        } catch (IOException e) {
            LOG.error("The settings of {} can't be checked.", name, e);
        }
    }

    private void check(String pid, SettingsForm form, Dictionary<String, Object> properties) {
        Map<String, Object> good = lastGood.computeIfAbsent(pid, name -> new ConcurrentHashMap<>());
        List<String> problems = new ArrayList<>();
        boolean replaced = true;
        for (SettingsForm.Field field : form.fields()) {
            Object given = properties.get(field.id());
            Object value = given == null ? null : field.parted(given);
            if (value != null && value != given) {
                properties.put(field.id(), value);
            }
            Optional<String> problem = field.problem(value);
            if (problem.isPresent()) {
                problems.add(problem.get());
                replaced &= replace(properties, field.id(), good.get(field.id()));
            } else if (value != null && field.isUnset(value) && !field.isText()) {
                properties.remove(field.id());
            } else if (value != null) {
                good.put(field.id(), value);
            }
        }
        report(pid, problems);
        if (pid.startsWith(OWN_PREFIX)) {
            warnOfUnknown(pid, form, properties);
        }
        if (!problems.isEmpty()) {
            properties.put(
                    replaced ? KEPT : PluginTracker.PROBLEM, "The setting " + String.join(" The setting ", problems));
        }
    }

    private static boolean replace(Dictionary<String, Object> properties, String field, @Nullable Object good) {
        if (good == null) {
            properties.remove(field);
            return false;
        }
        properties.put(field, good);
        return true;
    }

    /** Log each problem once: one configuration is delivered several times. */
    private void report(String pid, List<String> problems) {
        List<String> before = reported.put(pid, List.copyOf(problems));
        problems.stream()
                .filter(problem -> before == null || !before.contains(problem))
                .forEach(problem -> LOG.error("{}: {}", pid, problem));
    }

    /** Log each setting that nobody reads once. A name with a dot is the framework's. */
    private void warnOfUnknown(String pid, SettingsForm form, Dictionary<String, Object> properties) {
        List<String> known = form.fields().stream().map(SettingsForm.Field::id).toList();
        List<String> unknown = Collections.list(properties.keys()).stream()
                .filter(name -> !name.contains(".") && !known.contains(name))
                .toList();
        List<String> before = warned.put(pid, unknown);
        unknown.stream()
                .filter(name -> before == null || !before.contains(name))
                .forEach(name -> LOG.warn(
                        "{}: there is no setting '{}', so it does nothing. {}",
                        pid,
                        name,
                        NearNames.hint(name, known)));
    }

    /** Tell whether a bundle is the host's or a plugin. */
    static boolean isOurs(Bundle bundle) {
        return bundle.getSymbolicName().startsWith(OWN_PREFIX)
                || !PluginTracker.plugins(bundle).isEmpty();
    }
}
