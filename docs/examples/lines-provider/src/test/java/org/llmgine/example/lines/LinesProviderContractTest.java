package org.llmgine.example.lines;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.testkit.FakeSettings;
import org.llmgine.testkit.ModelProviderContract;

class LinesProviderContractTest extends ModelProviderContract {
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer backEnd;

    @BeforeEach
    void start() throws IOException {
        backEnd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backEnd.setExecutor(Thread::startVirtualThread);
        backEnd.createContext("/", this::answer);
        backEnd.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        backEnd.stop(0);
    }

    /** Say three lines; with "wait" only the first, with "no" none. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String prompt = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            exchange.sendResponseHeaders(prompt.equals("no") ? 418 : 200, 0);
            exchange.getResponseBody().write("one\n".getBytes(UTF_8));
            exchange.getResponseBody().flush();
            if (prompt.equals("wait")) {
                over.await();
            }
            exchange.getResponseBody().write("two\nthree\n".getBytes(UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected ModelProvider newProvider() {
        return new LinesProvider(FakeSettings.of(
                LinesProvider.Settings.class,
                Map.of("url", "http://127.0.0.1:" + backEnd.getAddress().getPort() + "/")));
    }

    @Override
    protected void deactivate(ModelProvider provider) {
        ((LinesProvider) provider).deactivate();
    }

    @Override
    protected ModelRequest request() {
        return ask("go");
    }

    @Override
    protected ModelRequest waitingRequest() {
        return ask("wait");
    }

    @Override
    protected ModelRequest failingRequest() {
        return ask("no");
    }

    private static ModelRequest ask(String prompt) {
        return ModelRequest.builder("lines")
                .messages(List.of(Message.user(prompt)))
                .build();
    }
}
