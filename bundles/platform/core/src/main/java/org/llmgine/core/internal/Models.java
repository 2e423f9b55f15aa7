package org.llmgine.core.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.core.Cancellation;
import org.llmgine.core.HostTimer;
import org.llmgine.core.command.ModelEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds models by name and opens streams on them. */
final class Models {
    private static final Logger LOG = LoggerFactory.getLogger(Models.class);
    private static final Duration LISTING_LIMIT = Duration.ofSeconds(5);
    private static final Set<String> ANYTHING = Set.of(
            ModelInfo.TOOLS, ModelInfo.IMAGES, ModelInfo.FILES, ModelInfo.STRUCTURED_OUTPUT, ModelInfo.EXTENSIONS);

    private final PluginRegistry<HostedProvider> providers;
    private final Supplier<Settings> settings;
    private final HostTimer timer;
    private final LongSupplier nanoClock;

    Models(
            PluginRegistry<HostedProvider> providers,
            Supplier<Settings> settings,
            HostTimer timer,
            LongSupplier nanoClock) {
        this.providers = providers;
        this.settings = settings;
        this.timer = timer;
        this.nanoClock = nanoClock;
    }

    ModelNames.Target resolve(String name) {
        return ModelNames.resolve(name, settings.get());
    }

    /** Open a guarded stream, after checking that the model takes what the request holds. */
    GuardedStream open(ModelNames.Target target, ModelRequest request, Cancellation cancellation) {
        Settings now = settings.get();
        Instance<HostedProvider> instance = providers.acquire(target.instance(), now.successorWait(), cancellation);
        ModelRequest own = request.toBuilder().model(target.model()).build();
        return GuardedStream.open(
                instance, own, () -> check(instance.service(), target, own), now, timer, nanoClock, cancellation);
    }

    /** Return what a model takes beside text; nothing when it isn't known, and then anything may be tried. */
    Optional<ModelInfo> find(ModelNames.Target target) {
        return find(ask(target.instance()), target);
    }

    /**
     * Describe what a name stands for at last.
     *
     * @throws LlmgineException {@code model_not_found}
     */
    ModelEntry describe(String name, PluginRegistry<Engine> engines) {
        String followed = ModelNames.follow(name, settings.get());
        if (followed.startsWith(ModelNames.ENGINE_PREFIX)) {
            String engine = followed.substring(ModelNames.ENGINE_PREFIX.length());
            if (!engines.knows(engine)) {
                throw engines.unknown(engine);
            }
            return engine(engine);
        }
        ModelNames.Target target = resolve(name);
        if (!providers.knows(target.instance())) {
            throw providers.unknown(target.instance());
        }
        List<ModelInfo> models = ask(target.instance());
        return entry(
                target.instance(),
                models.isEmpty() ? new ModelInfo(target.model(), ANYTHING) : orNotFound(models, target));
    }

    private static Optional<ModelInfo> find(List<ModelInfo> models, ModelNames.Target target) {
        return models.stream()
                .filter(model -> model.name().equals(target.model()))
                .findFirst();
    }

    private static ModelInfo orNotFound(List<ModelInfo> models, ModelNames.Target target) {
        return find(models, target)
                .orElseThrow(() -> NearNames.hint(
                        new LlmgineException(
                                        ErrorCode.MODEL_NOT_FOUND,
                                        "The provider '" + target.instance() + "' has no model '" + target.model()
                                                + "'.")
                                .withField("model"),
                        target.model(),
                        models.stream().map(ModelInfo::name).toList()));
    }

    private static void check(HostedProvider provider, ModelNames.Target target, ModelRequest request) {
        List<ModelInfo> models;
        try {
            models = provider.models();
        } catch (LlmgineException e) {
            // The back-end may still answer; if it doesn't, its own failure says more than ours.
            return;
        }
        if (models.isEmpty()) {
            return;
        }
        ModelInfo model = orNotFound(models, target);
        if (!request.tools().isEmpty()) {
            demand(model, ModelInfo.TOOLS, target, "tools");
        }
        if (request.responseFormat().isPresent()) {
            demand(model, ModelInfo.STRUCTURED_OUTPUT, target, "response_format");
        }
        for (int m = 0; m < request.messages().size(); m++) {
            List<ContentPart> content = request.messages().get(m).content();
            for (int p = 0; p < content.size(); p++) {
                if (!(content.get(p) instanceof TextPart)) {
                    demand(model, content.get(p).capability(), target, "messages[" + m + "].content[" + p + "]");
                }
            }
        }
    }

    private static void demand(ModelInfo model, String capability, ModelNames.Target target, String field) {
        if (!model.supports(capability)) {
            throw new LlmgineException(
                            ErrorCode.UNSUPPORTED_FIELD,
                            "The model '" + target.fullName() + "' doesn't take " + capability.replace('_', ' ') + ".")
                    .withField(field);
        }
    }

    /** List {@code default}, the aliases, every provider's models, and the engines. */
    List<ModelEntry> list(List<String> engines) {
        Settings now = settings.get();
        Map<String, ModelEntry> own = new TreeMap<>();
        Map<String, FutureTask<List<ModelInfo>>> asked = new TreeMap<>();
        providers.names().forEach(name -> asked.put(name, start(name)));
        long deadline = deadline();
        asked.forEach((name, task) ->
                await(name, task, deadline).forEach(model -> own.put(name + "/" + model.name(), entry(name, model))));
        List<ModelEntry> entries = new ArrayList<>();
        entries.add(named(ModelNames.DEFAULT, now, own));
        now.aliases().keySet().stream().sorted().forEach(alias -> entries.add(named(alias, now, own)));
        entries.addAll(own.values());
        engines.forEach(engine -> entries.add(engine(engine)));
        return entries;
    }

    private static ModelEntry entry(String instance, ModelInfo model) {
        return new ModelEntry(
                instance + "/" + model.name(), instance, Optional.empty(), model.capabilities(), model.contextTokens());
    }

    private static ModelEntry engine(String name) {
        return new ModelEntry(
                ModelNames.ENGINE_PREFIX + name, "engine", Optional.empty(), Set.of(), OptionalInt.empty());
    }

    private static ModelEntry named(String name, Settings settings, Map<String, ModelEntry> own) {
        String target = ModelNames.follow(name, settings);
        ModelEntry entry = own.get(target);
        return new ModelEntry(
                name,
                "llmgine",
                Optional.of(target),
                entry == null ? Set.of() : entry.capabilities(),
                entry == null ? OptionalInt.empty() : entry.contextTokens());
    }

    /** List a provider's models; none when it fails or takes too long. */
    private List<ModelInfo> ask(String name) {
        return await(name, start(name), deadline());
    }

    private FutureTask<List<ModelInfo>> start(String name) {
        FutureTask<List<ModelInfo>> task = new FutureTask<>(() -> models(name));
        Thread.ofVirtual().name("llmgine-models-" + name).start(task);
        return task;
    }

    private static long deadline() {
        return System.nanoTime() + LISTING_LIMIT.toNanos();
    }

    private static List<ModelInfo> await(String name, FutureTask<List<ModelInfo>> task, long deadline) {
        try {
            return task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The provider '{}' didn't list its models: {}", name, e.toString());
            return List.of();
        } catch (InterruptedException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The listing of the models was interrupted.", e);
        } finally {
            task.cancel(true);
        }
    }

    private List<ModelInfo> models(String name) {
        return providers
                .tryAcquire(name)
                .map(instance -> {
                    try {
                        return instance.service().models();
                    } finally {
                        instance.release();
                    }
                })
                .orElse(List.of());
    }
}
