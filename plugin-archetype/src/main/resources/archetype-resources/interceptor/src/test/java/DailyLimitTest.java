package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.testkit.DirectBus;
import org.llmgine.testkit.FakeSettings;

class DailyLimitTest {
    @MessageType("test/turn")
    record RunTurn() implements Command<String> {}

    record Other() implements Command<String> {}

    private final Evening clock = new Evening();
    private final DirectBus bus = new DirectBus();

    DailyLimitTest() {
        DailyLimit limit = limit(Map.of("turnsPerDay", 2, "types", new String[] {"test/turn"}), clock);
        bus.handle(RunTurn.class, (command, context) -> limit.aroundCommand(command, context, () -> "done"));
        bus.handle(Other.class, (command, context) -> limit.aroundCommand(command, context, () -> "done"));
    }

    static DailyLimit limit(Map<String, Object> settings, Clock clock) {
        return new DailyLimit(FakeSettings.of(DailyLimitSettings.class, settings), clock);
    }

    @Test
    void letsEachAccountRunSoManyTurns() {
        assertThat(run("ada").value()).isEqualTo("done");
        assertThat(run("ada").value()).isEqualTo("done");
        assertThat(run("ben").value()).isEqualTo("done");

        LlmgineException refused = run("ada").failure().orElseThrow();
        assertThat(refused.code()).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(refused).hasMessage("'ada' has used up the 2 turns of today.");
        assertThat(refused.retryAfter()).contains(Duration.ofHours(1));
        assertThat(run("ben").value()).isEqualTo("done");
    }

    @Test
    void beginsAnewAtMidnight() {
        run("ada");
        run("ada");
        clock.now = clock.now.plus(Duration.ofHours(1));

        assertThat(run("ada").value()).isEqualTo("done");
    }

    @Test
    void countsTurnsOnly() {
        for (int i = 0; i < 5; i++) {
            assertThat(bus.execute(new Other()).value()).isEqualTo("done");
        }
        assertThat(run("").value()).isEqualTo("done");
    }

    private CommandResult<String> run(String account) {
        return bus.execute(
                new RunTurn(), SendOptions.DEFAULT.withPrincipal(new Principal(account, Set.of(Principal.USER))));
    }

    /** A clock that a test moves; it is eleven in the evening. */
    private static final class Evening extends Clock {
        private Instant now = Instant.parse("2026-03-01T23:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
