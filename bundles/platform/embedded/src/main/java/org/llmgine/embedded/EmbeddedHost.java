package org.llmgine.embedded;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.framework.Felix;
import org.apache.felix.framework.util.FelixConstants;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.tool.Tool;
import org.llmgine.bus.Cancellation;
import org.llmgine.core.Commands;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Run the host inside this process: the bus, core and the store of the distribution, in a framework of their own, without Karaf
 * and without HTTP.
 *
 * <p>The host's classes come from the class path, where its jars must lie as jars. Plugins that lie there too are started with
 * it, each as the bundle that it is; further ones come as objects or as jars, at any time, also while turns run. A newer one
 * under the same id gets the calls that begin from then on; closing the older one waits for its calls, at most
 * {@code drainTimeoutMs}.
 *
 * <p>Thread-safe. What is asked runs on the caller's thread. Everything ends with {@link #close()}.
 */
public final class EmbeddedHost implements AutoCloseable {
    /** The configuration PID of the host's own settings, such as {@code defaultModel}. */
    public static final String PID = "org.llmgine.core";

    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    /** What must be there first, and in which order it starts. */
    private static final List<String> BASE = List.of("org.apache.felix.configadmin", "org.apache.felix.scr");

    private static final List<String> HOST = List.of("org.llmgine.bus", "org.llmgine.store", "org.llmgine.core");

    /**
     * What Declarative Services imports for switching components by hand, which nobody does here: the one that lies on the class
     * path is, by whatever dependency, often older.
     */
    private static final String PROMISES = "org.osgi.util.promise;version=\"1.3\"";

    /** What is the same class for the host, the application and plugins. */
    private static final String SHARED = Stream.of("api", "bus", "core", "store")
            .map(part -> "org.llmgine." + part + ",org.llmgine." + part + ".*")
            .collect(Collectors.joining(","));

    private final Framework framework;
    private final Path data;
    private final Optional<Path> temporary;
    private final ConfigurationAdmin configurations;
    private final Commands commands;
    private final MessageBus bus;
    private final AtomicInteger versions = new AtomicInteger();

    private EmbeddedHost(
            Framework framework,
            Path data,
            Optional<Path> temporary,
            List<ClassPathBundle> bundles,
            Map<String, Map<String, ?>> settings)
            throws BundleException, InterruptedException {
        this.framework = framework;
        this.data = data;
        this.temporary = temporary;
        framework.start();
        startAll(BASE, bundles);
        configurations = await(ConfigurationAdmin.class);
        settings.forEach(this::configure);
        startAll(HOST, bundles);
        commands = await(Commands.class);
        bus = await(MessageBus.class);
        startAll(
                bundles.stream()
                        .filter(ClassPathBundle::isPlugin)
                        .map(ClassPathBundle::name)
                        .toList(),
                bundles);
    }

    /** Begin to describe a host. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects what a host starts with. */
    public static final class Builder {
        private final Map<String, Map<String, ?>> settings = new LinkedHashMap<>();
        private Optional<Path> dataFolder = Optional.empty();

        private Builder() {}

        /**
         * Keep sessions, timers and all else in a folder, for the next start too. Without one they are in a temporary folder, which
         * goes when the host is closed.
         */
        public Builder dataFolder(Path folder) {
            dataFolder = Optional.of(folder);
            return this;
        }

        /** Set a configuration before anything starts; see {@link EmbeddedHost#configure}. */
        public Builder configure(String pid, Map<String, ?> values) {
            settings.put(pid, Map.copyOf(values));
            return this;
        }

        /**
         * Start the host, and the plugins that lie on the class path.
         *
         * @throws LlmgineException when something of the host is missing on the class path, or it doesn't start in time
         */
        public EmbeddedHost start() {
            try {
                List<ClassPathBundle> bundles = ClassPathBundle.find(EmbeddedHost.class.getClassLoader());
                for (String name : Stream.concat(BASE.stream(), HOST.stream()).toList()) {
                    if (bundles.stream().noneMatch(bundle -> bundle.name().equals(name))) {
                        throw notStarted(
                                "the bundle " + name + " is not on the class path, or not as a jar of its own.");
                    }
                }
                Optional<Path> temporary =
                        dataFolder.isPresent() ? Optional.empty() : Optional.of(Files.createTempDirectory("llmgine"));
                Path data = dataFolder.or(() -> temporary).orElseThrow().toAbsolutePath();
                Map<String, Object> properties = new LinkedHashMap<>(properties(data, bundles));
                properties.put(FelixConstants.LOG_LOGGER_PROP, new FrameworkLog());
                Framework framework = new Felix(properties);
                try {
                    return new EmbeddedHost(framework, data, temporary, bundles, settings);
                } catch (Throwable e) {
                    stop(framework, temporary);
                    throw e;
                }
            } catch (IOException | BundleException | IllegalStateException e) {
                throw new LlmgineException(ErrorCode.INTERNAL, "The host didn't start: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LlmgineException(ErrorCode.CANCELLED, "The start of the host was interrupted.", e);
            }
        }
    }

    private static Map<String, String> properties(Path data, List<ClassPathBundle> bundles) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, data.resolve("framework").toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_BUNDLE_PARENT, Constants.FRAMEWORK_BUNDLE_PARENT_FRAMEWORK);
        properties.put(Constants.FRAMEWORK_BOOTDELEGATION, SHARED);
        properties.put(
                Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                Stream.concat(
                                Stream.of(PROMISES),
                                bundles.stream().filter(bundle -> !runs(bundle)).flatMap(ClassPathBundle::exports))
                        .distinct()
                        .collect(Collectors.joining(",")));
        properties.put(Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA, javaVersions());
        properties.put("llmgine.data", data.toString());
        properties.put("llmgine.accounts", "none");
        return properties;
    }

    /** Tell whether a bundle of the class path is started as one; of the others the framework exports the packages. */
    private static boolean runs(ClassPathBundle bundle) {
        return BASE.contains(bundle.name()) || HOST.contains(bundle.name()) || bundle.isPlugin();
    }

    /** Say for which versions of Java bundles may be: this one and those before. */
    private static String javaVersions() {
        List<String> versions = new ArrayList<>(List.of("1.7", "1.8"));
        for (int version = 9; version <= Runtime.version().feature(); version++) {
            versions.add(String.valueOf(version));
        }
        return "osgi.ee;osgi.ee=JavaSE;version:List<Version>=\"" + String.join(",", versions) + "\"";
    }

    private static LlmgineException notStarted(String why) {
        return new LlmgineException(ErrorCode.INTERNAL, "The host didn't start: " + why);
    }

    /** Install bundles from where they lie, then start them. */
    private void startAll(List<String> names, List<ClassPathBundle> bundles) throws BundleException {
        List<Bundle> installed = new ArrayList<>();
        for (String name : names) {
            for (ClassPathBundle bundle : bundles) {
                if (bundle.name().equals(name)) {
                    installed.add(framework.getBundleContext().installBundle("reference:" + bundle.location()));
                }
            }
        }
        for (Bundle bundle : installed) {
            bundle.start();
        }
    }

    private <S> S await(Class<S> type) throws InterruptedException {
        ServiceTracker<S, S> tracker = new ServiceTracker<>(framework.getBundleContext(), type, null);
        tracker.open();
        S service = tracker.waitForService(START_LIMIT.toMillis());
        if (service == null) {
            throw notStarted("there is no " + type.getSimpleName() + " after " + START_LIMIT.toSeconds()
                    + " s; the log has the cause.");
        }
        return service;
    }

    /**
     * Set a configuration, of the host ({@link #PID}) or of a plugin; {@code pid~name} makes an instance of its own. Plugins that
     * are there take it within a moment, those that come later start with it.
     *
     * @param values the settings by their names, in the types that the plugin declares
     */
    public void configure(String pid, Map<String, ?> values) {
        try {
            int tilde = pid.indexOf('~');
            Configuration configuration = tilde < 0
                    ? configurations.getConfiguration(pid, "?")
                    : configurations.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
            configuration.update(FrameworkUtil.asDictionary(new LinkedHashMap<>(values)));
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.INTERNAL, "The configuration " + pid + " can't be kept.", e);
        }
    }

    /**
     * Add a provider. Its models are {@code id/MODEL}; an id {@code lines~work} makes the instance {@code work} of the plugin
     * {@code lines}.
     */
    public Plugin provider(String id, ModelProvider provider) {
        return add(id, LlmginePlugin.PROVIDER, ModelProvider.class, provider);
    }

    /** Add an engine; it is asked as {@code engine/ID}. */
    public Plugin engine(String id, Engine engine) {
        return add(id, LlmginePlugin.ENGINE, Engine.class, engine);
    }

    /** Add a tool; engines offer it to models by the name of its definition. */
    public Plugin tool(String id, Tool<?> tool) {
        return add(id, LlmginePlugin.TOOL, Tool.class, tool);
    }

    /** Add an interceptor. Listeners and handlers are registered with the {@link #bus()}. */
    public Plugin interceptor(String id, Interceptor interceptor) {
        return add(id, "", Interceptor.class, interceptor);
    }

    /**
     * Install a bundle from its jar and start it, with its own class loader.
     *
     * @throws LlmgineException {@code plugin_refused} when it can't be installed or started
     */
    public Plugin install(Path jar) {
        try (InputStream in = Files.newInputStream(jar)) {
            return start(jar.toUri() + "?" + versions.incrementAndGet(), in);
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.PLUGIN_REFUSED, "The file " + jar + " can't be read.", e);
        }
    }

    private <S> Plugin add(String id, String kind, Class<S> type, S service) {
        if (!id.matches("[a-z0-9-]+(~[A-Za-z0-9_.-]+)?")) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "The id '" + id + "' must be of lower-case letters, digits and hyphens, and ~NAME at most.")
                    .withField("id");
        }
        int tilde = id.indexOf('~');
        String plugin = tilde < 0 ? id : id.substring(0, tilde);
        String instance = tilde < 0 ? LlmginePlugin.DEFAULT_INSTANCE : id.substring(tilde + 1);
        int version = versions.incrementAndGet();
        Plugin added =
                start("embedded:" + id + ":" + version, new ByteArrayInputStream(jar(plugin, kind, "1.0." + version)));
        BundleContext context = added.bundle.getBundleContext();
        context.registerService(type, service, FrameworkUtil.asDictionary(Map.of(LlmginePlugin.INSTANCE, instance)));
        return added;
    }

    /** Make the bundle that an object is a service of: a manifest, and no class. */
    private static byte[] jar(String plugin, String kind, String version) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        headers.putValue(Constants.BUNDLE_SYMBOLICNAME, "org.llmgine.embedded." + plugin);
        headers.putValue(Constants.BUNDLE_VERSION, version);
        if (!kind.isEmpty()) {
            headers.putValue(
                    Constants.PROVIDE_CAPABILITY,
                    LlmginePlugin.NAMESPACE + ";id=\"" + plugin + "\";kind=\"" + kind + "\"");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.finish();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private Plugin start(String location, InputStream jar) {
        Bundle bundle = null;
        try {
            bundle = framework.getBundleContext().installBundle(location, jar);
            bundle.start();
            return new Plugin(bundle);
        } catch (BundleException e) {
            if (bundle != null) {
                uninstall(bundle);
            }
            throw new LlmgineException(
                    ErrorCode.PLUGIN_REFUSED, "The bundle " + location + " can't be started: " + e.getMessage(), e);
        }
    }

    private static void uninstall(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException | IllegalStateException e) {
            if (bundle.getState() == Bundle.UNINSTALLED) {
                return;
            }
            throw new LlmgineException(
                    ErrorCode.INTERNAL, "The plugin " + bundle.getSymbolicName() + " can't be removed.", e);
        }
    }

    /** One plugin of an embedded host that was added to it. */
    public static final class Plugin implements AutoCloseable {
        private final Bundle bundle;

        private Plugin(Bundle bundle) {
            this.bundle = bundle;
        }

        /** Return the plugin's version; of an object it is made up, higher for each one that is added. */
        public String version() {
            return bundle.getVersion().toString();
        }

        /** Take it out, once its calls have ended or {@code drainTimeoutMs} have passed. Idempotent. */
        @Override
        public void close() {
            if (bundle.getState() != Bundle.UNINSTALLED) {
                uninstall(bundle);
            }
        }
    }

    /**
     * Ask a model or an engine, as a {@code /v1} request does, for the host itself: by {@code instance/model}, {@code default}, an
     * alias or {@code engine/NAME}. It runs on this thread and returns when the answer is whole.
     *
     * @param emitter takes the events as they come, on this thread; what it throws ends the turn
     * @throws LlmgineException when the turn fails
     */
    public TurnSummary run(ModelRequest request, TurnEmitter emitter) {
        return run(request, emitter, new Cancellation());
    }

    /** Ask, so that another thread can end it; see {@link #run(ModelRequest, TurnEmitter)}. */
    public TurnSummary run(ModelRequest request, TurnEmitter emitter, Cancellation cancellation) {
        return commands.execute(new RunTurn(Principal.SYSTEM, request, emitter, cancellation));
    }

    /** Return what the HTTP API and the shell use: sessions, keys, lists of what is there, each for a principal. */
    public Commands commands() {
        return commands;
    }

    /** Return the folder that holds what the host keeps. */
    public Path dataFolder() {
        return data;
    }

    /** Return the message bus. */
    public MessageBus bus() {
        return bus;
    }

    /** Stop everything: the plugins first, which end their calls. Idempotent. */
    @Override
    public void close() {
        try {
            stop(framework, temporary);
        } catch (BundleException | IOException e) {
            throw new LlmgineException(ErrorCode.INTERNAL, "The host can't be closed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(Framework framework, Optional<Path> temporary)
            throws BundleException, IOException, InterruptedException {
        BundleContext context = framework.getBundleContext();
        if (context != null) {
            stopPlugins(context);
        }
        framework.stop();
        framework.waitForStop(STOP_LIMIT.toMillis());
        if (temporary.isPresent() && Files.exists(temporary.get())) {
            delete(temporary.get());
        }
    }

    private static void stopPlugins(BundleContext context) {
        for (Bundle bundle : context.getBundles()) {
            String name = bundle.getSymbolicName();
            if (bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID && !BASE.contains(name) && !HOST.contains(name)) {
                try {
                    bundle.stop();
                } catch (BundleException | IllegalStateException e) {
                    // It may be gone by now; else it stops with the framework, as far as it can.
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
