package org.llmgine.core.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.internal.InMemoryDeadLetters;
import org.llmgine.bus.internal.InMemoryTimers;
import org.llmgine.bus.spi.DeadLetterStore;
import org.llmgine.bus.spi.TimerStore;
import org.llmgine.core.spi.AccountStore;
import org.llmgine.core.spi.ApprovalStore;
import org.llmgine.core.spi.AuditStore;
import org.llmgine.core.spi.BackupStore;
import org.llmgine.core.spi.SessionStore;
import org.llmgine.core.spi.SettingsStore;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Runs Felix with Declarative Services, Configuration Admin and core.
 *
 * <p>Classes come from the test's class path for all bundles, so that a test can call services directly; bundles, components
 * and configurations are the real ones.
 */
final class TestFramework implements AutoCloseable {
    private static final String OURS = "org.llmgine.*,com.*,dev.*,org.bouncycastle.*,org.jspecify.*,org.slf4j.*";
    private static final Pattern IMPORT = Pattern.compile("([\\w.]+)(?:;version=\"\\[([\\d.]+)[^\"]*\")?(?:,|$)");

    final FakeBackups backups = new FakeBackups();
    final InMemorySettingsStore settings = new InMemorySettingsStore();
    private final Framework framework;

    TestFramework(Path folder) throws BundleException, IOException {
        Map<String, String> configuration = new LinkedHashMap<>();
        configuration.put(Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString());
        configuration.put(Constants.FRAMEWORK_BUNDLE_PARENT, Constants.FRAMEWORK_BUNDLE_PARENT_APP);
        configuration.put(Constants.FRAMEWORK_BOOTDELEGATION, OURS);
        configuration.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, packages());
        configuration.put(
                Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA,
                "osgi.ee;osgi.ee=JavaSE;version:Version=25,osgi.ee;osgi.ee=JavaSE;version:Version=1.8");
        configuration.put("felix.cm.dir", folder.resolve("config").toString());
        configuration.put("llmgine.data", folder.resolve("data").toString());
        framework = java.util.ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(configuration);
        framework.start();
        install("org.apache.felix.configadmin").start();
        install("org.apache.felix.scr").start();
    }

    /** Start the module under test from its classes. */
    Bundle startCore() throws BundleException {
        framework.getBundleContext().registerService(AccountStore.class, new InMemoryAccountStore(), null);
        InMemorySessionStore sessions = new InMemorySessionStore();
        framework.getBundleContext().registerService(SessionStore.class, sessions, null);
        framework.getBundleContext().registerService(ApprovalStore.class, sessions, null);
        framework.getBundleContext().registerService(AuditStore.class, new InMemoryAuditStore(), null);
        framework.getBundleContext().registerService(BackupStore.class, backups, null);
        framework.getBundleContext().registerService(SettingsStore.class, settings, null);
        framework.getBundleContext().registerService(DeadLetterStore.class, new InMemoryDeadLetters(), null);
        framework.getBundleContext().registerService(TimerStore.class, new InMemoryTimers(), null);
        Bundle core = framework
                .getBundleContext()
                .installBundle("reference:" + Path.of("target", "classes").toUri());
        framework.getBundleContext().installBundle("reference:" + bus().toUri()).start();
        core.start();
        return core;
    }

    /** Find the bus, as a jar or, in a build of several modules, as a folder. */
    private static Path bus() {
        try {
            return Path.of(HostTimer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Manifest manifest(Path bundle) throws IOException {
        if (Files.isDirectory(bundle)) {
            try (InputStream in = Files.newInputStream(bundle.resolve("META-INF/MANIFEST.MF"))) {
                return new Manifest(in);
            }
        }
        try (JarFile jar = new JarFile(bundle.toFile())) {
            return jar.getManifest();
        }
    }

    /** Begin a plugin's bundle of one component. */
    PluginJar plugin(String id, String version) {
        return new PluginJar(id, version);
    }

    /** Wait for a service; a real framework may need its time. */
    <S> S service(Class<S> type) throws InterruptedException {
        ServiceTracker<S, S> tracker = new ServiceTracker<>(framework.getBundleContext(), type, null);
        tracker.open();
        S service = tracker.waitForService(10_000);
        if (service == null) {
            throw new AssertionError("There is no service " + type.getName() + " after 10 s.");
        }
        return service;
    }

    <S> S service(ServiceReference<S> reference) {
        return framework.getBundleContext().getService(reference);
    }

    /** Set a configuration, which may belong to any bundle; a factory's is {@code pid~name}. */
    void configure(String pid, Map<String, ?> values) throws IOException, InterruptedException {
        ConfigurationAdmin admin = service(ConfigurationAdmin.class);
        int tilde = pid.indexOf('~');
        Configuration configuration = tilde < 0
                ? admin.getConfiguration(pid, "?")
                : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
        configuration.update(FrameworkUtil.asDictionary(new LinkedHashMap<>(values)));
    }

    /** Take a configuration away. */
    void removeConfiguration(String pid) throws IOException, InterruptedException {
        service(ConfigurationAdmin.class).getConfiguration(pid, "?").delete();
    }

    /** Return the properties of the component's services, as it was given them. */
    List<Map<String, Object>> delivered(String component) {
        try {
            ServiceReference<?>[] found =
                    framework.getBundleContext().getAllServiceReferences(null, "(component.name=" + component + ")");
            List<Map<String, Object>> all = new ArrayList<>();
            for (ServiceReference<?> reference : found == null ? new ServiceReference<?>[0] : found) {
                Map<String, Object> properties = new LinkedHashMap<>();
                for (String key : reference.getPropertyKeys()) {
                    properties.put(key, reference.getProperty(key));
                }
                all.add(properties);
            }
            return all;
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(10_000);
    }

    private Bundle install(String artifact) throws BundleException {
        Path jar = Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().startsWith(artifact + "-"))
                .findFirst()
                .orElseThrow();
        return framework.getBundleContext().installBundle(jar.toUri().toString());
    }

    /** Export what the bundles import, in the least version that will do. */
    private static String packages() throws IOException {
        List<String> packages = new ArrayList<>(List.of(
                "org.osgi.service.cm;version=1.6.1",
                "org.osgi.service.component;version=1.5.1",
                "org.osgi.service.component.runtime;version=1.5",
                "org.osgi.service.component.runtime.dto;version=1.5",
                "org.osgi.service.event;version=1.4",
                "org.osgi.service.log;version=1.4",
                "org.osgi.util.function;version=1.2",
                "org.osgi.util.promise;version=1.3"));
        for (Path bundle : List.of(Path.of("target", "classes"), bus())) {
            Matcher imports =
                    IMPORT.matcher(manifest(bundle).getMainAttributes().getValue(Constants.IMPORT_PACKAGE));
            while (imports.find()) {
                String name = imports.group(1);
                if (!name.startsWith("org.osgi.") && !name.startsWith("org.llmgine.bus") && imports.group(2) != null) {
                    packages.add(name + ";version=" + imports.group(2));
                }
            }
        }
        return String.join(",", new java.util.LinkedHashSet<>(packages));
    }

    /** Makes a plugin's bundle. */
    final class PluginJar {
        private final String id;
        private final String version;
        private String kind = "";
        private String service = "";
        private String component = "";
        private boolean plugin = true;
        private String metatype = "";
        private boolean modified;

        private PluginJar(String id, String version) {
            this.id = id;
            this.version = version;
        }

        /** Set the component and what it implements. */
        PluginJar component(String kind, Class<?> service, Class<?> component) {
            this.kind = kind;
            this.service = service.getName();
            this.component = component.getName();
            return this;
        }

        /** Leave the capability out. */
        PluginJar withoutCapability() {
            plugin = false;
            return this;
        }

        /** Let a provider's component take changed settings without a restart. */
        PluginJar takingChanges() {
            modified = true;
            return this;
        }

        /** Add a setting {@code limit}, a whole number from 1 to 10. */
        PluginJar withLimit() {
            return withSettings(
                    "<AD id=\"limit\" name=\"limit\" type=\"Integer\" cardinality=\"0\" default=\"5\" min=\"1\" max=\"10\"/>");
        }

        /** Add settings as the XML of a metatype description has them. */
        PluginJar withSettings(String definitions) {
            metatype = """
                    <?xml version="1.0" encoding="UTF-8"?>
                    <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0">
                      <OCD id="ocd" name="settings" description="What is set.">
                        %2$s
                      </OCD>
                      <Designate pid="%1$s" factoryPid="%1$s"><Object ocdref="ocd"/></Designate>
                    </metatype:MetaData>
                    """.formatted(pid(), definitions);
            return this;
        }

        String pid() {
            return "test." + id;
        }

        Bundle install() throws IOException, BundleException {
            return framework
                    .getBundleContext()
                    .installBundle("test:" + id + ":" + version, new ByteArrayInputStream(bytes()));
        }

        byte[] bytes() throws IOException {
            Manifest manifest = new Manifest();
            Attributes headers = manifest.getMainAttributes();
            headers.putValue("Manifest-Version", "1.0");
            headers.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
            headers.putValue(Constants.BUNDLE_SYMBOLICNAME, pid());
            headers.putValue(Constants.BUNDLE_VERSION, version);
            headers.putValue("Service-Component", "OSGI-INF/component.xml");
            if (plugin) {
                headers.putValue(
                        Constants.PROVIDE_CAPABILITY, "org.llmgine.plugin;id=\"" + id + "\";kind=\"" + kind + "\"");
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
                add(jar, "OSGI-INF/component.xml", componentXml());
                if (!metatype.isEmpty()) {
                    add(jar, "OSGI-INF/metatype/settings.xml", metatype);
                }
            }
            return bytes.toByteArray();
        }

        private String componentXml() {
            return """
                    <?xml version="1.0" encoding="UTF-8"?>
                    <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%s" configuration-pid="%s"%s>
                      <property name="limit" type="Integer" value="5"/>
                      <service><provide interface="%s"/></service>
                      <implementation class="%s"/>
                    </scr:component>
                    """.formatted(
                            pid(),
                            pid(),
                            kind.equals(LlmginePlugin.PROVIDER)
                                    ? " activate=\"activate\"" + (modified ? " modified=\"activate\"" : "")
                                    : "",
                            service,
                            component);
        }

        private static void add(JarOutputStream jar, String name, String text) throws IOException {
            jar.putNextEntry(new JarEntry(name));
            jar.write(text.getBytes(StandardCharsets.UTF_8));
            jar.closeEntry();
        }
    }
}
