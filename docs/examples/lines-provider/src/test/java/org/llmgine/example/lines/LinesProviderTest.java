package org.llmgine.example.lines;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.testkit.FakeSettings;

@Timeout(20)
class LinesProviderTest {
    private static final Executor THREAD = Thread::startVirtualThread;
    private static final ModelRequest HELLO = ModelRequest.builder("lines")
            .messages(List.of(Message.user("Hello")))
            .build();

    /** Lets the back-end end an answer that it has begun. */
    private final CountDownLatch goOn = new CountDownLatch(1);

    private HttpServer backEnd;
    private LinesProvider provider;

    @BeforeEach
    void start() throws IOException {
        backEnd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backEnd.setExecutor(THREAD);
        backEnd.createContext("/", this::answer);
        backEnd.start();
        provider = new LinesProvider(FakeSettings.of(
                LinesProvider.Settings.class,
                Map.of("url", "http://127.0.0.1:" + backEnd.getAddress().getPort() + "/")));
    }

    @AfterEach
    void stop() {
        goOn.countDown();
        provider.deactivate();
        backEnd.stop(0);
    }

    /** Echo the prompt, then wait, then say goodbye; refuse the prompt "no", break off after "half". */
    private void answer(HttpExchange exchange) throws IOException {
        String prompt = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        exchange.sendResponseHeaders(prompt.equals("no") ? 418 : 200, prompt.equals("half") ? 100 : 0);
        exchange.getResponseBody().write((prompt + "\n").getBytes(UTF_8));
        exchange.getResponseBody().flush();
        if (!prompt.equals("half")) {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseBody().write("Goodbye\n".getBytes(UTF_8));
        }
        exchange.close();
    }

    @Test
    void streamsLineByLine() {
        ModelStream stream = provider.open(HELLO);

        assertThat(stream.next()).isEqualTo(new TextDelta("Hello\n"));
        goOn.countDown();
        assertThat(stream.next()).isEqualTo(new TextDelta("Goodbye\n"));
        assertThat(stream.next()).isEqualTo(new Finish(Finish.STOP));
        stream.close();
    }

    @Test
    void endsAWaitWhenItIsClosed() {
        ModelStream stream = provider.open(HELLO);
        stream.next();

        CompletableFuture<StreamEvent> next = new CompletableFuture<>();
        Thread reader = Thread.startVirtualThread(() -> next.completeAsync(stream::next, Runnable::run));
        while (reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        stream.close();
        stream.close();

        assertThatThrownBy(next::join).cause().satisfies(e -> assertCode(e, ErrorCode.CANCELLED));
        assertThatThrownBy(stream::next).satisfies(e -> assertCode(e, ErrorCode.CANCELLED));
    }

    @Test
    void letsAnOpenStreamFinishAfterASwap() {
        ModelStream stream = provider.open(HELLO);
        stream.next();

        provider.deactivate();
        goOn.countDown();

        assertThat(ModelAnswer.relay(stream, event -> {}).message().text()).isEqualTo("Goodbye\n");
    }

    @Test
    void tellsHowTheBackEndFails() {
        assertThatThrownBy(() -> provider.open(ask("no")))
                .hasMessage("The back-end answered 418.")
                .satisfies(e -> assertCode(e, ErrorCode.PROVIDER_ERROR));

        ModelStream broken = provider.open(ask("half"));
        broken.next();
        assertThatThrownBy(broken::next).satisfies(e -> assertCode(e, ErrorCode.PROVIDER_ERROR));

        backEnd.stop(0);
        assertThatThrownBy(() -> provider.open(HELLO)).satisfies(e -> assertCode(e, ErrorCode.UNAVAILABLE));
    }

    @Test
    void endsTheOpeningWhenItsThreadIsInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> provider.open(HELLO)).satisfies(e -> assertCode(e, ErrorCode.CANCELLED));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void hasOneModel() {
        assertThat(provider.models()).extracting(ModelInfo::name).containsExactly("lines");
    }

    private static ModelRequest ask(String prompt) {
        return HELLO.toBuilder().messages(List.of(Message.user(prompt))).build();
    }

    private static void assertCode(Throwable thrown, ErrorCode code) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
