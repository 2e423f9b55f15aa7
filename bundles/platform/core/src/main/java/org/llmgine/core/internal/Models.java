package org.llmgine.core.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import java.util.stream.Collectors;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.command.ModelEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds models by name and opens streams on them. */
final class Models {
    private static final Logger LOG = LoggerFactory.getLogger(Models.class);
    private static final Duration LISTING_LIMIT = Duration.ofSeconds(5);

    /** Failures that no retry mends and another model may not have. */
    private static final Set<ErrorCode> THE_MODELS_OWN = Set.of(
            ErrorCode.PROVIDER_AUTH,
            ErrorCode.PLUGIN_FAILED,
            ErrorCode.MODEL_NOT_FOUND,
            ErrorCode.CONTEXT_TOO_LONG,
            ErrorCode.UNSUPPORTED_FIELD);

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

    List<ModelNames.Target> resolve(String name) {
        return ModelNames.resolve(name, settings.get());
    }

    /** A stream and the model that gives it. */
    record Opened(ModelNames.Target target, GuardedStream stream) {}

    /** Open a guarded stream on the first model of a chain that gives its first event. */
    Opened open(List<ModelNames.Target> chain, ModelRequest request, Cancellation cancellation) {
        return new Chain(chain, request, cancellation).open();
    }

    /** One call of a chain of models. */
    private final class Chain {
        private final List<ModelNames.Target> targets;
        private final ModelRequest request;
        private final Cancellation cancellation;
        private final Settings now = settings.get();
        private final long asked = nanoClock.getAsLong();
        private final Map<ModelNames.Target, LlmgineException> failures = new LinkedHashMap<>();

        Chain(List<ModelNames.Target> targets, ModelRequest request, Cancellation cancellation) {
            this.targets = targets;
            this.request = request;
            this.cancellation = cancellation;
        }

        Opened open() {
            // Who is away is waited for only when nobody who is there serves.
            List<ModelNames.Target> away = new ArrayList<>();
            for (ModelNames.Target target : targets) {
                Optional<Instance<HostedProvider>> instance = providers.tryAcquire(target.instance());
                if (instance.isPresent()) {
                    Optional<GuardedStream> stream = attempt(target, instance.get());
                    if (stream.isPresent()) {
                        return new Opened(target, stream.get());
                    }
                } else if (providers.knows(target.instance())) {
                    away.add(target);
                } else {
                    failed(target, providers.unknown(target.instance()));
                }
            }
            for (ModelNames.Target target : away) {
                Optional<GuardedStream> stream = await(target).flatMap(instance -> attempt(target, instance));
                if (stream.isPresent()) {
                    return new Opened(target, stream.get());
                }
            }
            throw failure();
        }

        private Optional<Instance<HostedProvider>> await(ModelNames.Target target) {
            Duration left = now.successorWait().minusNanos(nanoClock.getAsLong() - asked);
            try {
                return Optional.of(providers.acquire(target.instance(), left, cancellation));
            } catch (LlmgineException e) {
                failed(target, e);
                return Optional.empty();
            }
        }

        private Optional<GuardedStream> attempt(ModelNames.Target target, Instance<HostedProvider> instance) {
            ModelRequest own = request.toBuilder().model(target.model()).build();
            Runnable check = () -> check(instance.service(), target, own);
            try {
                return Optional.of(
                        GuardedStream.open(instance, own, check, now, timer, nanoClock, asked, cancellation));
            } catch (LlmgineException e) {
                failed(target, withNearNames(e, target, instance.service()));
                return Optional.empty();
            }
        }

        /** Keep a failure, and give up where no other model would do better or there is no time for one. */
        private void failed(ModelNames.Target target, LlmgineException failure) {
            failures.put(target, failure);
            if (!anotherMayServe(failure)
                    || cancellation.isCancelled()
                    || nanoClock.getAsLong() - asked > now.streamTimeout().toNanos()) {
                throw failure();
            }
        }

        /** Choose the last failure, but for that of a model that was passed over as it can't serve such a request. */
        private LlmgineException failure() {
            Map<ModelNames.Target, LlmgineException> others = new LinkedHashMap<>(failures);
            ModelNames.Target last = failures.entrySet().stream()
                    .filter(entry -> !entry.getValue().code().equals(ErrorCode.UNSUPPORTED_FIELD))
                    .map(Map.Entry::getKey)
                    .reduce((before, after) -> after)
                    .orElse(targets.getFirst());
            LlmgineException failure = Objects.requireNonNull(others.remove(last), "a chain is never empty");
            if (others.isEmpty()) {
                return failure;
            }
            String tried = others.entrySet().stream()
                    .map(entry -> entry.getKey().fullName() + " ("
                            + entry.getValue().code().name() + ")")
                    .collect(Collectors.joining(", "));
            LlmgineException told =
                    new LlmgineException(failure.code(), failure.getMessage() + " Also tried: " + tried + ".", failure);
            failure.hint().ifPresent(told::withHint);
            failure.field().ifPresent(told::withField);
            failure.retryAfter().ifPresent(told::withRetryAfter);
            return told;
        }
    }

    private static LlmgineException withNearNames(
            LlmgineException failure, ModelNames.Target target, HostedProvider provider) {
        if (!failure.code().equals(ErrorCode.MODEL_NOT_FOUND)) {
            return failure;
        }
        try {
            return provider.listing().hint(failure, target);
        } catch (LlmgineException e) {
            // Without its list there is no name to give.
            return failure;
        }
    }

    private static boolean anotherMayServe(LlmgineException failure) {
        return failure.code().retryable() || THE_MODELS_OWN.contains(failure.code());
    }

    /** Tell whether some model of a chain may take what not every model takes; one of which nothing is known may. */
    boolean mayTake(List<ModelNames.Target> chain, String capability) {
        return present(chain).stream().anyMatch(target -> {
            try {
                return ask(target.instance())
                        .find(target)
                        .map(model -> model.supports(capability))
                        .orElse(true);
            } catch (LlmgineException e) {
                // Told by the call itself.
                return true;
            }
        });
    }

    /** Tell whether the provider of some model that a name stands for is there. */
    boolean isPresent(String name) {
        List<String> names = providers.names();
        return resolve(name).stream().anyMatch(target -> names.contains(target.instance()));
    }

    /** Return those models of a chain whose providers are there; all, when none is. */
    private List<ModelNames.Target> present(List<ModelNames.Target> chain) {
        List<String> names = providers.names();
        List<ModelNames.Target> there = chain.stream()
                .filter(target -> names.contains(target.instance()))
                .toList();
        return there.isEmpty() ? chain : there;
    }

    /**
     * Describe what a name stands for at last.
     *
     * @throws LlmgineException {@code model_not_found}
     */
    ModelEntry describe(String name, PluginRegistry<Engine> engines) {
        Optional<String> engine = ModelNames.engine(name, settings.get());
        if (engine.isPresent()) {
            if (!engines.knows(engine.get())) {
                throw engines.unknown(engine.get());
            }
            return engine(engine.get());
        }
        List<ModelEntry> members = new ArrayList<>();
        LlmgineException last = null;
        for (ModelNames.Target target : present(resolve(name))) {
            try {
                members.add(describe(target));
            } catch (LlmgineException e) {
                last = e;
            }
        }
        if (last != null && members.isEmpty()) {
            throw last;
        }
        ModelEntry first = members.getFirst();
        return new ModelEntry(
                first.id(), first.owner(), Optional.empty(), capabilities(members), contextTokens(members));
    }

    private ModelEntry describe(ModelNames.Target target) {
        if (!providers.knows(target.instance())) {
            throw providers.unknown(target.instance());
        }
        return entry(
                target.instance(),
                ask(target.instance()).find(target).orElseGet(() -> new ModelInfo(target.model(), ModelInfo.ALL)));
    }

    /**
     * Return what a chain takes: what some model of it takes, for the others are passed over; but extensions only when each
     * passes them on, because the others would leave them out unnoticed.
     */
    private static Set<String> capabilities(List<ModelEntry> members) {
        Set<String> some = new HashSet<>();
        members.forEach(member -> some.addAll(member.capabilities()));
        if (!members.stream().allMatch(member -> member.capabilities().contains(ModelInfo.EXTENSIONS))) {
            some.remove(ModelInfo.EXTENSIONS);
        }
        return Set.copyOf(some);
    }

    /** Return the smallest context of a chain's models, where any is known. */
    private static OptionalInt contextTokens(List<ModelEntry> members) {
        return members.stream()
                .map(ModelEntry::contextTokens)
                .filter(OptionalInt::isPresent)
                .mapToInt(OptionalInt::getAsInt)
                .min();
    }

    private static void check(HostedProvider provider, ModelNames.Target target, ModelRequest request) {
        HostedProvider.Listing listing;
        try {
            listing = provider.listing();
        } catch (LlmgineException e) {
            // The back-end may still answer; if it doesn't, its own failure says more than ours.
            return;
        }
        listing.find(target).ifPresent(model -> check(model, target, request));
    }

    private static void check(ModelInfo model, ModelNames.Target target, ModelRequest request) {
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
        Map<String, FutureTask<HostedProvider.Listing>> asked = new TreeMap<>();
        providers.names().forEach(name -> asked.put(name, start(name)));
        long deadline = deadline();
        asked.forEach((name, task) -> await(name, task, deadline)
                .models()
                .forEach(model -> own.put(name + "/" + model.name(), entry(name, model))));
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
        List<String> targets = ModelNames.follow(name, settings);
        List<ModelEntry> members =
                targets.stream().map(own::get).filter(Objects::nonNull).toList();
        return new ModelEntry(
                name, "llmgine", Optional.of(String.join(" ", targets)), capabilities(members), contextTokens(members));
    }

    /** Ask a provider for its models; nothing is known when it fails or takes too long. */
    private HostedProvider.Listing ask(String name) {
        return await(name, start(name), deadline());
    }

    private FutureTask<HostedProvider.Listing> start(String name) {
        FutureTask<HostedProvider.Listing> task = new FutureTask<>(() -> listing(name));
        Thread.ofVirtual().name("llmgine-models-" + name).start(task);
        return task;
    }

    private static long deadline() {
        return System.nanoTime() + LISTING_LIMIT.toNanos();
    }

    private static HostedProvider.Listing await(String name, FutureTask<HostedProvider.Listing> task, long deadline) {
        try {
            return task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The provider '{}' didn't list its models: {}", name, e.toString());
            return HostedProvider.Listing.UNKNOWN;
        } catch (InterruptedException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The listing of the models was interrupted.", e);
        } finally {
            task.cancel(true);
        }
    }

    private HostedProvider.Listing listing(String name) {
        return providers
                .tryAcquire(name)
                .map(instance -> {
                    try {
                        return instance.service().listing();
                    } finally {
                        instance.release();
                    }
                })
                .orElse(HostedProvider.Listing.UNKNOWN);
    }
}
