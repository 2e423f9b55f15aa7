package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.model.ResponseFormat;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.bus.Cancellation;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class ModelsTest {
    private final TestHost host = new TestHost();

    @Test
    void namesAreSplitAtTheFirstSlashAndAliasesFollowed() {
        host.set(
                "aliases",
                new String[] {"fast=small", "small=or/meta/llama", " = x", "no/slash=a/b", "default=a/b", "x="});

        assertThat(host.models.resolve("openai~work/gpt")).containsExactly(new ModelNames.Target("openai~work", "gpt"));
        assertThat(host.models.resolve("fast")).containsExactly(new ModelNames.Target("or", "meta/llama"));
        assertThat(names("default")).containsExactly("fake/demo");
        assertThat(host.settings().aliases()).containsOnlyKeys("fast", "small");
        host.set("defaultModel", "fast");
        assertThat(names("default")).containsExactly("or/meta/llama");
    }

    @Test
    void aNameMayStandForAChainOfWhichEachModelIsTriedOnce() {
        host.set("defaultModel", " fast , b/y,\ta/x  slow ")
                .set("aliases", new String[] {"fast= a/x  spare ", "spare=c/z default fast", "slow=gpt engine/e d/w"});

        assertThat(names("default")).containsExactly("a/x", "c/z", "b/y", "d/w");
        assertThat(names("spare")).containsExactly("c/z", "a/x", "b/y", "d/w");
        assertThat(ModelNames.engine("slow", host.settings())).isEmpty();
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        host.set("aliases", new String[] {"a=b", "b=a"}).set("defaultModel", "nothing");
        for (String name : List.of("gpt", "/gpt", "openai/", "a", "engine/tool-chat", "")) {
            assertThatThrownBy(() -> host.models.resolve(name)).isInstanceOfSatisfying(LlmgineException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
                assertThat(e.field()).contains("model");
            });
        }
        assertThatThrownBy(() -> host.models.resolve("default"))
                .hasMessage("There is no model 'nothing' (for which 'default' stands).");
    }

    @Test
    void everyNameThatARequestMayHaveIsListed() {
        host.set("aliases", new String[] {"fast=fake/demo", "lost=gone/x"});
        host.add("fake", new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS), OptionalInt.of(8000))));
        host.add("broken", new UnlistedProvider(() -> {
            throw new IllegalStateException("on purpose");
        }));

        assertThat(host.models.list(List.of("tool-chat")))
                .containsExactly(
                        new ModelEntry(
                                "default",
                                "llmgine",
                                Optional.of("fake/demo"),
                                Set.of(ModelInfo.TOOLS),
                                OptionalInt.of(8000)),
                        new ModelEntry(
                                "fast",
                                "llmgine",
                                Optional.of("fake/demo"),
                                Set.of(ModelInfo.TOOLS),
                                OptionalInt.of(8000)),
                        new ModelEntry("lost", "llmgine", Optional.of("gone/x"), Set.of(), OptionalInt.empty()),
                        new ModelEntry(
                                "fake/demo", "fake", Optional.empty(), Set.of(ModelInfo.TOOLS), OptionalInt.of(8000)),
                        new ModelEntry("engine/tool-chat", "engine", Optional.empty(), Set.of(), OptionalInt.empty()));
        assertThat(host.providers.list())
                .allSatisfy(listed ->
                        assertThat(listed.instance().orElseThrow().leases()).isZero());
    }

    @Test
    void aNameIsDescribedByWhatItStandsFor() {
        host.set("aliases", new String[] {"fast=fake/demo", "assistant=engine/single-pass", "lost=gone/x"});
        host.add("fake", new ScriptedProvider(new ModelInfo("demo", Set.of(ModelInfo.TOOLS), OptionalInt.of(8000))));
        AtomicInteger others = new AtomicInteger();
        host.add("other", new UnlistedProvider(() -> {
            others.incrementAndGet();
            return List.of();
        }));
        host.add("single-pass", new TestPlugins.RelayEngine());
        ModelEntry demo =
                new ModelEntry("fake/demo", "fake", Optional.empty(), Set.of(ModelInfo.TOOLS), OptionalInt.of(8000));
        ModelEntry engine =
                new ModelEntry("engine/single-pass", "engine", Optional.empty(), Set.of(), OptionalInt.empty());

        assertThat(List.of("default", "fast", "fake/demo"))
                .allSatisfy(name -> assertThat(describe(name)).isEqualTo(demo));
        assertThat(List.of("assistant", "engine/single-pass"))
                .allSatisfy(name -> assertThat(describe(name)).isEqualTo(engine));
        assertThat(others).hasValue(0);
        for (String name : List.of("fake/dmeo", "lost", "nothing", "engine/none")) {
            assertThatThrownBy(() -> describe(name))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
        }
    }

    @Test
    void aModelOfWhichNothingIsKnownMayBeTriedWithAnything() {
        Instance<HostedProvider> broken = host.add("broken", new UnlistedProvider(() -> {
            throw new IllegalStateException("on purpose");
        }));

        assertThat(describe("broken/x")).satisfies(entry -> {
            assertThat(entry.id()).isEqualTo("broken/x");
            assertThat(entry.capabilities())
                    .containsExactlyInAnyOrder("tools", "images", "files", "structured_output", "extensions");
        });
        assertThat(broken.leases()).isZero();
    }

    @Test
    void listingCanBeInterrupted() {
        Instance<HostedProvider> fake = host.add("fake", new UnlistedProvider(() -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        }));
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> host.models.list(List.of()))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        TestHost.await(() -> fake.leases() == 0);
    }

    @Test
    void aModelThatTheProviderDoesNotHaveIsNotFound() {
        Instance<HostedProvider> fake = host.add("fake", new ScriptedProvider(new ModelInfo("demo-large", Set.of())));

        assertThatThrownBy(() -> open(request("fake/demo-lrage"))).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
            assertThat(e.hint()).contains("Did you mean 'demo-large'?");
        });
        assertThat(fake.figures().values()).containsEntry("errors", 0L);
        assertThat(fake.leases()).isZero();
    }

    @Test
    void whatAModelDoesNotTakeIsRefusedByName() {
        host.add("fake", new ScriptedProvider(new ModelInfo("demo", Set.of())));
        ModelRequest.Builder request = request("fake/demo");

        assertUnsupported(
                request.messages(List.of(
                        Message.system("s"),
                        new Message(Role.USER, List.of(new TextPart("t"), new ImagePart("https://x/y.png", "auto"))))),
                "messages[1].content[1]");
        assertUnsupported(
                request.messages(List.of(new Message(Role.USER, List.of(new FilePart("f", "data:,x"))))),
                "messages[0].content[0]");
        assertUnsupported(request("fake/demo").tools(List.of(new ToolSpec("t", "", "{}", false))), "tools");
        assertUnsupported(request("fake/demo").responseFormat(ResponseFormat.JSON_OBJECT), "response_format");
    }

    @Test
    void whatAModelTakesIsPassedOnAsItIs() {
        ScriptedProvider provider = new ScriptedProvider(
                        new ModelInfo("demo", Set.of(ModelInfo.TOOLS, ModelInfo.IMAGES, ModelInfo.STRUCTURED_OUTPUT)))
                .answer(ScriptedStream.text("ok"));
        host.add("fake", provider);
        ModelRequest request = request("fake/demo")
                .messages(List.of(new Message(Role.USER, List.of(new ImagePart("https://x/y.png", "auto")))))
                .tools(List.of(new ToolSpec("t", "", "{}", false)))
                .responseFormat(ResponseFormat.JSON_OBJECT)
                .build();

        host.models.open(host.models.resolve("fake/demo"), request, new Cancellation()).stream()
                .close();

        assertThat(provider.requests())
                .containsExactly(request.toBuilder().model("demo").build());
    }

    @Test
    void aProviderThatTellsNoModelsIsTriedWithAnyName() {
        host.add("fake", new ScriptedProvider().answer(ScriptedStream.text("ok")));
        open(request("fake/whatever"));

        host.add("fake", new UnlistedProvider(() -> {
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "The list can't be had.");
        }));
        assertThatThrownBy(() -> open(request("fake/whatever"))).hasMessage("Opened.");
    }

    @Test
    void aModelThatIsNotListedIsTriedWhenTheProviderTakesSuch() {
        ModelProvider open = new UnlistedProvider(() -> List.of(new ModelInfo("known", Set.of()))) {
            @Override
            public boolean takesUnlistedModels() {
                return true;
            }
        };
        host.add("fake", open);

        assertThatThrownBy(() -> open(request("fake/whatever"))).hasMessage("Opened.");
        assertThat(describe("fake/whatever").capabilities()).contains(ModelInfo.TOOLS, ModelInfo.EXTENSIONS);
        assertThat(describe("fake/known").capabilities()).isEmpty();
    }

    @Test
    void whoAsksForAModelThatTheBackEndDoesNotKnowIsToldOfANearOne() {
        List<ModelInfo> models = List.of(new ModelInfo("gpt-4o", Set.of()));
        host.add("fake", new UnknowingProvider(() -> models));
        host.add("broken", new UnknowingProvider(() -> {
            throw new IllegalStateException("on purpose");
        }));

        assertThatThrownBy(() -> open(request("fake/gpt-4")))
                .satisfies(e -> assertThat(((LlmgineException) e).hint()).contains("Did you mean 'gpt-4o'?"));
        assertThatThrownBy(() -> open(request("fake/gpt-4o")))
                .satisfies(e -> assertThat(((LlmgineException) e).hint()).isEmpty());
        assertThatThrownBy(() -> open(request("broken/x")))
                .satisfies(e -> assertThat(((LlmgineException) e).hint()).isEmpty());
    }

    /** Takes any name, and then knows none. */
    private record UnknowingProvider(java.util.function.Supplier<List<ModelInfo>> listing) implements ModelProvider {
        @Override
        public List<ModelInfo> models() {
            return listing.get();
        }

        @Override
        public boolean takesUnlistedModels() {
            return true;
        }

        @Override
        public ModelStream open(ModelRequest request) {
            throw new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no such model.");
        }
    }

    @Test
    void aChainIsListedAndDescribedByWhatItsModelsTake() {
        host.set("defaultModel", "absent/x plain/p rich/r lost/l")
                .set("aliases", new String[] {"both=rich/r plain/q", "gone=absent/x plain/none"});
        host.add(
                "plain",
                new ScriptedProvider(
                        new ModelInfo("p", Set.of(), OptionalInt.of(8000)),
                        new ModelInfo("q", Set.of(ModelInfo.EXTENSIONS), OptionalInt.empty())));
        host.add(
                "rich",
                new ScriptedProvider(
                        new ModelInfo("r", Set.of(ModelInfo.TOOLS, ModelInfo.EXTENSIONS), OptionalInt.of(16000))));

        assertThat(host.models.list(List.of()).subList(0, 3))
                .containsExactly(
                        new ModelEntry(
                                "default",
                                "llmgine",
                                Optional.of("absent/x plain/p rich/r lost/l"),
                                Set.of(ModelInfo.TOOLS),
                                OptionalInt.of(8000)),
                        new ModelEntry(
                                "both",
                                "llmgine",
                                Optional.of("rich/r plain/q"),
                                Set.of(ModelInfo.TOOLS, ModelInfo.EXTENSIONS),
                                OptionalInt.of(16000)),
                        new ModelEntry(
                                "gone", "llmgine", Optional.of("absent/x plain/none"), Set.of(), OptionalInt.empty()));
        assertThat(describe("default"))
                .isEqualTo(new ModelEntry(
                        "plain/p", "plain", Optional.empty(), Set.of(ModelInfo.TOOLS), OptionalInt.of(8000)));
        assertThat(describe("both").capabilities()).containsExactlyInAnyOrder("tools", "extensions");
        assertThatThrownBy(() -> describe("gone")).hasMessage("The provider 'plain' has no model 'none'.");
        assertThat(host.models.mayTake(host.models.resolve("default"), ModelInfo.TOOLS))
                .isTrue();
        assertThat(host.models.mayTake(host.models.resolve("default"), ModelInfo.IMAGES))
                .isFalse();
        assertThat(host.models.mayTake(host.models.resolve("gone"), ModelInfo.IMAGES))
                .isTrue();
    }

    private List<String> names(String name) {
        return host.models.resolve(name).stream()
                .map(ModelNames.Target::fullName)
                .toList();
    }

    private ModelEntry describe(String name) {
        return host.models.describe(name, host.engines);
    }

    private void assertUnsupported(ModelRequest.Builder request, String field) {
        assertThatThrownBy(() -> open(request)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FIELD);
            assertThat(e.field()).contains(field);
        });
    }

    private void open(ModelRequest.Builder request) {
        ModelRequest built = request.build();
        host.models.open(host.models.resolve(built.model()), built, new Cancellation()).stream()
                .close();
    }

    private static ModelRequest.Builder request(String model) {
        return ModelRequest.builder(model).messages(List.of(Message.user("Hi")));
    }

    private static class UnlistedProvider implements ModelProvider {
        private final Supplier<List<ModelInfo>> listing;

        UnlistedProvider(Supplier<List<ModelInfo>> listing) {
            this.listing = listing;
        }

        @Override
        public List<ModelInfo> models() {
            return listing.get();
        }

        @Override
        public ModelStream open(ModelRequest request) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "Opened.");
        }
    }
}
