package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Interceptor.EventChain;
import org.llmgine.bus.internal.Shop.Place;
import org.llmgine.bus.internal.Shop.Placed;
import org.slf4j.event.Level;

final class LoggingInterceptorTest {
    private static final Logger LOGGER = Logger.getLogger(LoggingInterceptor.class.getName());

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler keeper = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + new SimpleFormatter().formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void keep() {
        LOGGER.addHandler(keeper);
        LOGGER.setUseParentHandlers(false);
    }

    @AfterEach
    void leave() {
        LOGGER.removeHandler(keeper);
        LOGGER.setUseParentHandlers(true);
    }

    private static LoggingInterceptor interceptor(Object... settings) {
        return new LoggingInterceptor(Settings.of(LoggingConfig.class, settings));
    }

    @Test
    void aCommandsBeginAndEndAreLoggedWithoutWhatIsInIt() throws Exception {
        String result = interceptor()
                .aroundCommand(new Place("secret"), FakeContext.inSession("s1"), () -> "done with the secret");

        assertThat(result).isEqualTo("done with the secret");
        assertThat(lines).hasSize(2).noneMatch(line -> line.contains("secret"));
        assertThat(lines.getFirst())
                .isEqualTo("INFO The command 'shop/order/place' (msg_1) begins in the session 's1'.");
        assertThat(lines.getLast())
                .matches("INFO The command 'shop/order/place' \\(msg_1\\) succeeded after [\\d.E-]+ ms\\.");
    }

    @Test
    void eventsAndListenersAreLogged() throws Exception {
        LoggingInterceptor interceptor = interceptor("level", Level.WARN);

        interceptor.aroundEvent(new Placed("secret"), FakeContext.NONE, () -> {});
        interceptor.aroundListener(new Placed("secret"), FakeContext.NONE, "stock", () -> {});

        assertThat(lines).hasSize(4).allMatch(line -> line.startsWith("WARNING ") && !line.contains("secret"));
        assertThat(lines.get(0)).contains("The publishing of 'shop/order/placed' (msg_1) begins");
        assertThat(lines.get(2)).contains("The listener 'stock' with 'shop/order/placed' (msg_1) begins");
    }

    @Test
    void failuresAreLoggedByTheirCodeAndGoOn() {
        LlmgineException busy = new LlmgineException(ErrorCode.BUSY, "secret");
        assertFails(busy, "busy");
        assertFails(new InterruptedException(), "cancelled");
        assertFails(new IllegalStateException("secret"), "plugin_failed");
    }

    private void assertFails(Exception failure, String code) {
        lines.clear();
        EventChain failing = () -> {
            throw failure;
        };

        assertThatThrownBy(() -> interceptor().aroundEvent(new Placed("a"), FakeContext.NONE, failing))
                .isSameAs(failure);

        assertThat(lines.getLast()).matches(".* failed after [\\d.E-]+ ms: " + code + "\\.");
        assertThat(lines).noneMatch(line -> line.contains("secret"));
    }

    @Test
    void otherTopicsAndLevelsThatAreOffCostNoLine() throws Exception {
        interceptor("topics", Settings.list("other/*")).aroundEvent(new Placed("a"), FakeContext.NONE, () -> {});
        interceptor("level", Level.TRACE).aroundEvent(new Placed("a"), FakeContext.NONE, () -> {});

        assertThat(lines).isEmpty();
    }
}
