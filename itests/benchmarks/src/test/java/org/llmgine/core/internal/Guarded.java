package org.llmgine.core.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.tool.Tool;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.LogLimit;
import org.osgi.framework.Version;

/** A provider, and a tool, as the host guards them. */
final class Guarded {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ModelRequest request =
            ModelRequest.builder("any").messages(List.of(Message.user("go"))).build();
    private final Settings settings = new Settings(
            List.of("any/any"),
            Map.of(),
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            1000,
            1000,
            new Settings.Retrying(2, Duration.ofMillis(250), Duration.ofSeconds(5), 10, Duration.ofSeconds(10)),
            8,
            MINUTE,
            100,
            100_000,
            new Settings.OfSessions("tool-chat", MINUTE, MINUTE, 1, 1, 1, 1),
            new Settings.OfApprovals(Map.of(), true, MINUTE));
    private final PluginRegistry<HostedProvider> providers;

    /**
     * Hold a provider.
     *
     * @param open opens its streams
     */
    Guarded(Function<ModelRequest, ModelStream> open) {
        providers = registry("provider");
        Origin origin = origin("provider");
        providers.add(origin, new HostedProvider(origin, new Provider(open)), Optional.empty());
    }

    Settings settings() {
        return settings;
    }

    /** Take a lease and open a guarded stream. */
    ModelStream open(Cancellation cancellation) {
        return GuardedStream.open(
                providers.tryAcquire("any").orElseThrow(),
                request,
                () -> {},
                settings,
                watch -> () -> {},
                System::nanoTime,
                System.nanoTime(),
                cancellation);
    }

    /** Return a registry that has a tool. */
    PluginRegistry<HostedTool> tool(Tool<?> tool) {
        PluginRegistry<HostedTool> tools = registry("tool");
        PluginTracker.Bound<HostedTool> bound = HostedTool.bind(origin("tool"), tool);
        tools.add(bound.origin(), bound.service(), Optional.empty());
        return tools;
    }

    private static <T> PluginRegistry<T> registry(String kind) {
        return new PluginRegistry<>(
                kind, new MetricRegistry(), watch -> () -> {}, origin -> true, bundle -> false, plugin -> {});
    }

    private static Origin origin(String kind) {
        return new Origin(
                kind,
                "any",
                "any",
                Version.emptyVersion,
                "any",
                1,
                1,
                0,
                Guarded.class.getClassLoader(),
                new LogLimit());
    }

    private record Provider(Function<ModelRequest, ModelStream> opening) implements ModelProvider {
        @Override
        public List<ModelInfo> models() {
            return List.of();
        }

        @Override
        public ModelStream open(ModelRequest request) {
            return opening.apply(request);
        }
    }
}
