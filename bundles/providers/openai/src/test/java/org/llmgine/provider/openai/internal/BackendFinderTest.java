package org.llmgine.provider.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.osgi.service.component.ComponentException;
import org.osgi.service.component.ComponentFactory;
import org.osgi.service.component.ComponentInstance;

class BackendFinderTest {
    private static final long OURS = 7;
    private static final int PATIENCE_MS = 30_000;

    private final FakeFactory factory = new FakeFactory();
    private final SynchronousQueue<Boolean> looks = new SynchronousQueue<>();
    private final List<URI> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<BackendFinder> finders = new ArrayList<>();

    @AfterEach
    void stop() {
        finders.forEach(BackendFinder::stop);
        // Lets a look that still waits for its answer end.
        looks.offer(false);
    }

    @Test
    void keysInTheirUsualVariablesAreEnough() {
        find(Map.of("OPENAI_API_KEY", "sk-1", "OPENROUTER_API_KEY", "sk-2", "DEEPSEEK_API_KEY", "sk-3"));

        assertThat(factory.made)
                .containsExactly(
                        "default https://api.openai.com/v1 OPENAI_API_KEY",
                        "openrouter https://openrouter.ai/api/v1 OPENROUTER_API_KEY",
                        "deepseek https://api.deepseek.com/v1 DEEPSEEK_API_KEY");
    }

    @Test
    void nothingIsFoundWithoutThem() {
        find(Map.of("OPENROUTER_API_KEY", " ", "PATH", "/bin"));

        assertThat(factory.made).isEmpty();
    }

    @Test
    void theFirstCanBeMovedAndThenNeedsNoKey() {
        find(Map.of("LLMGINE_OPENAI_BASE_URL", " http://127.0.0.1:8000/v1 "));

        assertThat(factory.made).containsExactly("default http://127.0.0.1:8000/v1 OPENAI_API_KEY");
    }

    @Test
    void anAddressThatCanNotBeUsedLeavesTheOthers() {
        factory.refused = "nonsense";

        find(Map.of("LLMGINE_OPENAI_BASE_URL", "nonsense", "DEEPSEEK_API_KEY", "sk-3"));

        assertThat(factory.made).containsExactly("deepseek https://api.deepseek.com/v1 DEEPSEEK_API_KEY");
    }

    @Test
    void onlyTheFactoryOfTheSameBundleIsUsed() {
        BackendFinder finder = finder(Map.of("OPENAI_API_KEY", "sk-1"), uri -> false);

        finder.bind(factory, Map.of("service.bundleid", OURS + 1));
        assertThat(factory.made).isEmpty();
        finder.bind(factory, Map.of("service.bundleid", OURS));
        assertThat(factory.made).hasSize(1);
        finder.unbind(new FakeFactory());
        assertThat(factory.gone).isEmpty();
        finder.unbind(factory);
        assertThat(factory.gone).hasSize(1);
        finder.stop();
        assertThat(factory.gone).hasSize(1);
    }

    @Test
    void ollamaIsThereWhenItAnswersAndGoneWhenItIsSilentForLong() throws Exception {
        find(Map.of("OLLAMA_HOST", "0.0.0.0:9999"));

        look(false);
        look(true);
        look(false);
        look(false);
        look(false);
        look(true);
        assertThat(factory.made).containsExactly("ollama http://127.0.0.1:9999/v1 ");
        look(false);
        look(false);
        look(false);
        look(false);
        assertThat(factory.gone.poll(10, TimeUnit.SECONDS)).isEqualTo("ollama http://127.0.0.1:9999/v1 ");
        look(true);
        look(true);
        assertThat(factory.made).hasSize(2);
        assertThat(asked).containsOnly(URI.create("http://127.0.0.1:9999"));
    }

    @Test
    void whatIsFoundGoesWithTheFinder() throws Exception {
        BackendFinder finder = find(Map.of("OPENAI_API_KEY", "sk-1"));
        look(true);
        look(true);

        finder.stop();

        assertThat(factory.gone).hasSize(2);
    }

    @Test
    void aLookThatEndsAfterTheStopFindsNothing() throws Exception {
        BackendFinder finder = find(Map.of());
        look(false);

        finder.stop();
        looks.offer(true, 50, TimeUnit.MILLISECONDS);

        assertThat(factory.made).isEmpty();
    }

    @Test
    void ollamasVariableIsReadInEveryForm() {
        Map.of(
                        "", "http://127.0.0.1:11434",
                        " box ", "http://box:11434",
                        "box:80", "http://box:80",
                        ":1234", "http://127.0.0.1:1234",
                        "0.0.0.0", "http://127.0.0.1:11434",
                        "http://box", "http://box",
                        "https://box:444/x", "https://box:444",
                        "b o x", "http://127.0.0.1:11434")
                .forEach((given, meant) ->
                        assertThat(Urls.ollama(given)).as(given).isEqualTo(URI.create(meant)));
    }

    @Test
    void anOllamaAnswersForItself() throws Exception {
        try (FakeBackend server = new FakeBackend()) {
            URI there = URI.create(server.url().replace("/v1", ""));
            server.then(FakeBackend.whole(200, "{\"version\":\"0.9\"}"));
            assertThat(BackendFinder.answers(there, PATIENCE_MS)).isTrue();
            assertThat(server.request().line()).isEqualTo("GET /api/version HTTP/1.1");
            server.then(FakeBackend.whole(404, ""));
            assertThat(BackendFinder.answers(there, PATIENCE_MS)).isFalse();
            assertThat(BackendFinder.answers(URI.create(FakeBackend.nobody()), PATIENCE_MS))
                    .isFalse();
        }
    }

    @Test
    void itStartsWithTheEnvironmentAsItIs() {
        new BackendFinder().stop();
    }

    private BackendFinder find(Map<String, String> environment) {
        BackendFinder finder = finder(environment, uri -> {
            asked.add(uri);
            try {
                return looks.take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        finder.bind(factory, Map.of("service.bundleid", OURS));
        return finder;
    }

    private BackendFinder finder(Map<String, String> environment, Predicate<URI> probe) {
        BackendFinder finder = new BackendFinder(environment, probe, OURS, Duration.ofMillis(1));
        finders.add(finder);
        return finder;
    }

    /** Let one look find Ollama or not; the one before it is over then. */
    private void look(boolean there) throws InterruptedException {
        assertThat(looks.offer(there, 10, TimeUnit.SECONDS)).isTrue();
    }

    /** Makes instances that are but texts: name, address and variable. */
    private static final class FakeFactory implements ComponentFactory<FoundModelProvider> {
        private final List<String> made = Collections.synchronizedList(new ArrayList<>());
        private final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
        private String refused = "none";

        @Override
        public ComponentInstance<FoundModelProvider> newInstance(Dictionary<String, ?> properties) {
            if (refused.equals(properties.get("baseUrl"))) {
                throw new ComponentException(new UncheckedIOException(
                        new IOException(new LlmgineException(ErrorCode.INVALID_REQUEST, "Bad."))));
            }
            assertThat(properties.size()).isEqualTo(3);
            String text = properties.get("llmgine.instance") + " " + properties.get("baseUrl") + " "
                    + properties.get("apiKeyVariable");
            made.add(text);
            return new ComponentInstance<>() {
                @Override
                public void dispose() {
                    gone.add(text);
                }

                @Override
                public @Nullable FoundModelProvider getInstance() {
                    return null;
                }
            };
        }
    }
}
