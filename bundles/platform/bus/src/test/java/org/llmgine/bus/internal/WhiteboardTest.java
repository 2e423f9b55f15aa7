package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.Publication.State;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.internal.Shop.Changed;
import org.llmgine.bus.internal.Shop.Place;
import org.llmgine.bus.internal.Shop.Placed;
import org.llmgine.bus.spi.DeadLetterStore;
import org.llmgine.bus.spi.TimerStore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventHandler;
import org.osgi.util.tracker.ServiceTracker;

/**
 * The bus in a real framework, with settings as files give them.
 *
 * <p>Classes come from the test's class path; bundles, components and configurations are the real ones.
 */
final class WhiteboardTest {
    private static final String OURS = "org.llmgine.*,com.*,dev.*,org.jspecify.*,org.slf4j.*";
    private static final Pattern IMPORT = Pattern.compile("([\\w.]+);version=\"\\[([\\d.]+)");

    @TempDir
    private Path folder;

    private final MetricRegistry metrics = new MetricRegistry();
    private final List<Event> posted = new CopyOnWriteArrayList<>();
    private Framework framework;
    private BundleContext context;
    private ConfigurationAdmin settings;
    private MessageBus bus;

    @BeforeEach
    void start() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        folder.resolve("cache").toString(),
                        Constants.FRAMEWORK_BUNDLE_PARENT,
                        Constants.FRAMEWORK_BUNDLE_PARENT_APP,
                        Constants.FRAMEWORK_BOOTDELEGATION,
                        OURS,
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        packages(),
                        Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA,
                        "osgi.ee;osgi.ee=JavaSE;version:Version=25,osgi.ee;osgi.ee=JavaSE;version:Version=1.8",
                        "felix.cm.dir",
                        folder.resolve("config").toString()));
        framework.start();
        context = framework.getBundleContext();
        context.registerService(MetricRegistry.class, metrics, null);
        context.registerService(EventAdmin.class, new KeepingAdmin(), null);
        context.registerService(DeadLetterStore.class, new InMemoryDeadLetters(), null);
        context.registerService(TimerStore.class, new InMemoryTimers(), null);
        for (String artifact : List.of("org.apache.felix.configadmin", "org.apache.felix.scr")) {
            context.installBundle(jar(artifact)).start();
        }
        context.installBundle("reference:" + Path.of("target", "classes").toUri())
                .start();
        settings = service(ConfigurationAdmin.class);
        bus = service(MessageBus.class);
        bus.listen(
                org.llmgine.api.bus.Event.class,
                ListenerOptions.named("listener").withTopics("shop/*"),
                (event, about) -> {});
        bus.handle(Place.class, (command, about) -> command.what());
    }

    @AfterEach
    void stop() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(10_000);
    }

    private final class KeepingAdmin implements EventAdmin {
        @Override
        public void postEvent(Event event) {
            posted.add(event);
        }

        @Override
        public void sendEvent(Event event) {
            throw new AssertionError("It would wait.");
        }
    }

    private static String jar(String artifact) {
        return Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().startsWith(artifact + "-"))
                .findFirst()
                .orElseThrow()
                .toUri()
                .toString();
    }

    /** Export what the bundles import, in the least version that will do. */
    private static String packages() throws Exception {
        List<String> packages = new ArrayList<>(List.of(
                "org.osgi.service.cm;version=1.6.1",
                "org.osgi.service.component;version=1.5.1",
                "org.osgi.service.component.runtime;version=1.5",
                "org.osgi.service.component.runtime.dto;version=1.5",
                "org.osgi.service.event;version=1.4",
                "org.osgi.service.log;version=1.4",
                "org.osgi.util.function;version=1.2",
                "org.osgi.util.promise;version=1.3"));
        try (InputStream in = Files.newInputStream(Path.of("target", "classes", "META-INF", "MANIFEST.MF"))) {
            Matcher imports =
                    IMPORT.matcher(new Manifest(in).getMainAttributes().getValue(Constants.IMPORT_PACKAGE));
            while (imports.find()) {
                if (!imports.group(1).startsWith("org.osgi.")) {
                    packages.add(imports.group(1) + ";version=" + imports.group(2));
                }
            }
        }
        return String.join(",", packages);
    }

    private <S> S service(Class<S> type) throws InterruptedException {
        ServiceTracker<S, S> tracker = new ServiceTracker<>(context, type, null);
        tracker.open();
        S service = tracker.waitForService(10_000);
        assertThat(service).as(type.getName()).isNotNull();
        return service;
    }

    /** Configure a component by texts, which is what a file has. */
    private Configuration configure(String pid, String name, Map<String, Object> values) throws Exception {
        Configuration configuration = settings.getFactoryConfiguration(pid, name, "?");
        Dictionary<String, Object> dictionary = new Hashtable<>(values);
        configuration.update(dictionary);
        return configuration;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private State publish(org.llmgine.api.bus.Event event) {
        return bus.publishAndWait(event, SendOptions.DEFAULT).state();
    }

    private <S> int count(Class<S> type) {
        try {
            Collection<?> all = context.getServiceReferences(type, null);
            return all.size();
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nothingIsThereBeforeItIsConfigured() {
        assertThat(count(Interceptor.class)).isZero();
        assertThat(count(EventFilter.class)).isZero();
    }

    @Test
    void aFilterComesAndGoesWithItsSettings() throws Exception {
        Configuration quiet =
                configure(TypeFilterConfig.PID, "quiet", Map.of("exclude", new String[] {"shop/stock/*"}));
        await(() -> publish(new Changed("a")) == State.FILTERED);
        assertThat(publish(new Placed("a"))).isEqualTo(State.HANDLED);

        quiet.delete();
        await(() -> publish(new Changed("a")) == State.HANDLED);
    }

    @Test
    void partsAreAskedByTheirCompositeOnly() throws Exception {
        configure(TypeFilterConfig.PID, "never", Map.of("include", "none/*", "part", "never"));
        configure(TypeFilterConfig.PID, "orders", Map.of("include", "shop/order/*", "part", "orders"));
        await(() -> count(EventFilter.class) == 2);
        assertThat(publish(new Changed("a"))).isEqualTo(State.HANDLED);

        Configuration composite = configure(
                CompositeFilterConfig.PID, "any", Map.of("filters", new String[] {"never", "orders"}, "mode", "ANY"));
        await(() -> publish(new Changed("a")) == State.FILTERED);
        assertThat(publish(new Placed("a"))).isEqualTo(State.HANDLED);

        composite.update(new Hashtable<>(Map.of("filters", new String[] {"never", "orders"}, "mode", "ALL")));
        await(() -> publish(new Placed("a")) == State.FILTERED);
    }

    @Test
    void aRateLimitIsReadFromTexts() throws Exception {
        configure(
                RateLimitConfig.PID,
                "shop",
                Map.of("topics", "shop/*", "key", "SESSION", "permitsPerSecond", "0.001", "burst", "1"));

        await(() -> bus.execute(new Place("a"), SendOptions.inSession("s"))
                .failure()
                .map(LlmgineException::code)
                .filter(ErrorCode.RATE_LIMITED::equals)
                .isPresent());
    }

    @Test
    void theOtherInterceptorsAreMadeToo() throws Exception {
        configure(LoggingConfig.PID, "all", Map.of("level", "TRACE"));
        Configuration timing = configure(TimingConfig.PID, "all", Map.of());
        Configuration strict =
                configure(ValidationConfig.PID, "strict", Map.of("requireSession", "true", "service.ranking", "10"));
        await(() -> count(Interceptor.class) == 3);
        await(() -> !bus.execute(new Place("a")).succeeded());
        strict.delete();
        await(() -> bus.execute(new Place("a")).succeeded());
        await(() -> {
            bus.execute(new Place("a"));
            return metrics.getTimers().keySet().stream().anyMatch(name -> name.contains("bus_timing_command"));
        });

        timing.delete();
        await(() -> metrics.getTimers().keySet().stream().noneMatch(name -> name.contains("bus_timing")));
    }

    @Test
    void aRankingOfAFileOrdersThem() throws Exception {
        configure(TimingConfig.PID, "inner", Map.of("service.ranking", "5"));
        configure(ValidationConfig.PID, "outer", Map.of("requireSession", "true", "service.ranking", "10"));
        await(() -> count(Interceptor.class) == 2);
        await(() -> !bus.execute(new Place("a")).succeeded());
        metrics.getTimers().keySet().stream()
                .filter(name -> name.contains("bus_timing"))
                .forEach(metrics::remove);

        assertThat(bus.execute(new Place("a")).succeeded()).isFalse();

        assertThat(metrics.getTimers().keySet()).noneMatch(name -> name.contains("bus_timing"));
    }

    @Test
    void eventAdminsHandlersSeeEventsWhileTheyAreThere() {
        publish(new Placed("before"));
        ServiceRegistration<EventHandler> handler = context.registerService(
                EventHandler.class, event -> {}, new Hashtable<>(Map.of("event.topics", new String[] {"shop/order/*"
                })));
        await(() -> {
            publish(new Placed("a"));
            return !posted.isEmpty();
        });
        publish(new Changed("a"));

        assertThat(posted).allMatch(event -> event.getTopic().equals("shop/order/placed"));
        handler.unregister();
        int before = posted.size();
        publish(new Placed("a"));
        assertThat(posted).hasSize(before);
    }
}
