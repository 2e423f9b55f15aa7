package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.event.ToolCalled;
import org.llmgine.api.event.TurnEnded;
import org.llmgine.api.stream.Usage;
import org.llmgine.testkit.DirectBus;
import org.llmgine.testkit.FakeSettings;

class UsageLedgerTest {
    private static final Principal ADA = new Principal("ada", Set.of(Principal.USER));

    private final DirectBus bus = new DirectBus();
    private final Path file;

    UsageLedgerTest(@TempDir Path folder) {
        file = folder.resolve("usage.csv");
        bus.listen(Event.class, ListenerOptions.named("ledger"), ledger(file));
    }

    static UsageLedger ledger(Path file) {
        return new UsageLedger(
                FakeSettings.of(UsageLedgerSettings.class, Map.of("file", file.toString(), "maxFileKiB", 1L)));
    }

    static TurnEnded ended(String turn, String model, Optional<Usage> usage) {
        return new TurnEnded(
                turn, "s1", "tool-chat", model, "completed", "stop", usage, Duration.ofMillis(1200), Optional.empty());
    }

    @Test
    void writesALineForEachTurn() throws IOException {
        tell(new ToolCalled("t1", "s1", "clock", "c1", true, Duration.ZERO));
        tell(new ToolCalled("t2", "s1", "clock", "c1", true, Duration.ZERO));
        tell(new ToolCalled("t1", "s1", "clock", "c2", false, Duration.ZERO));
        tell(ended("t1", "openai/gpt-4o-mini", Optional.of(new Usage(30, 12))));
        tell(ended("t3", "lines/\"a\",b", Optional.empty()));

        assertThat(Files.readString(file)).isEqualTo(UsageLedger.HEADER + """
                1970-01-01T00:00:00Z,ada,t1,s1,tool-chat,openai/gpt-4o-mini,completed,30,12,2,1,1200
                1970-01-01T00:00:00Z,ada,t3,s1,tool-chat,"lines/""a"",b",completed,0,0,0,0,1200
                """);
    }

    @Test
    void beginsANewFileWhenOneIsFull() throws IOException {
        for (int turn = 0; turn < 20; turn++) {
            tell(ended("turn-" + turn, "m", Optional.empty()));
        }

        Path former = file.resolveSibling("usage.csv.1");
        assertThat(Files.size(former)).isBetween(1024L, 1200L);
        assertThat(Files.readString(former)).startsWith(UsageLedger.HEADER);
        assertThat(Files.readString(file)).startsWith(UsageLedger.HEADER).contains(",turn-19,");
    }

    private void tell(Event event) {
        bus.publish(event, SendOptions.DEFAULT.withPrincipal(ADA)).orElseThrow();
    }
}
