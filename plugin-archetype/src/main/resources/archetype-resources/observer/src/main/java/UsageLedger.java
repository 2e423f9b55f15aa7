package ${package};

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListensTo;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.event.ToolCalled;
import org.llmgine.api.event.TurnEnded;
import org.llmgine.api.stream.Usage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Writes a line for each turn that has ended: who asked, what answered, how many tokens and tool calls it took. No prompt and
 * no answer is in it.
 */
@Component(configurationPid = UsageLedger.PID)
@Designate(ocd = UsageLedgerSettings.class)
@ListensTo(
        events = Event.class,
        topics = {"llmgine/turn/ended", "llmgine/tool/called"})
@LlmginePlugin(
        id = "${artifactId}",
        kind = LlmginePlugin.OBSERVER,
        name = "Usage ledger",
        description = "Writes who asked what model, and how many tokens and tool calls it took, into a CSV file.",
        permissions = "files",
        pids = UsageLedger.PID,
        // Two versions that run at the same time would write each turn twice.
        upgrade = LlmginePlugin.EXCLUSIVE)
public final class UsageLedger implements EventListener<Event> {
    static final String PID = "${package}";
    static final String HEADER =
            "time,account,turn,session,engine,model,state,inputTokens,outputTokens,toolCalls,failedToolCalls,durationMs\n";

    /** The most turns whose tool calls are remembered until they end. */
    private static final int MOST_TURNS = 10_000;

    private final Path file;
    private final long maxFileKiB;
    private final Map<String, Calls> calls = new HashMap<>();

    private record Calls(int all, int failed) {
        static final Calls NONE = new Calls(0, 0);

        Calls plus(boolean ok) {
            return new Calls(all + 1, failed + (ok ? 0 : 1));
        }
    }

    /** Take the settings; a relative file lies in the host's data folder. */
    @Activate
    public UsageLedger(UsageLedgerSettings settings) {
        file = Path.of(System.getProperty("karaf.data", "")).resolve(settings.file());
        maxFileKiB = settings.maxFileKiB();
    }

    /** Take an event. Those of different sessions come at the same time. */
    @Override
    public synchronized void handle(Event event, MessageContext context) throws IOException {
        if (event instanceof ToolCalled called) {
            if (calls.size() < MOST_TURNS || calls.containsKey(called.turn())) {
                calls.merge(called.turn(), Calls.NONE.plus(called.ok()), (old, one) -> old.plus(called.ok()));
            }
        } else if (event instanceof TurnEnded ended) {
            write(line(ended, context, calls.getOrDefault(ended.turn(), Calls.NONE)));
            calls.remove(ended.turn());
        }
    }

    private static String line(TurnEnded ended, MessageContext context, Calls calls) {
        Usage usage = ended.usage().orElse(Usage.NONE);
        return Stream.of(
                        context.sent(),
                        context.principal().name(),
                        ended.turn(),
                        ended.session(),
                        ended.engine(),
                        ended.model(),
                        ended.state(),
                        usage.inputTokens(),
                        usage.outputTokens(),
                        calls.all(),
                        calls.failed(),
                        ended.duration().toMillis())
                .map(UsageLedger::field)
                .collect(Collectors.joining(",", "", "\n"));
    }

    /** Write a field as RFC 4180 says. */
    private static String field(Object value) {
        String text = value.toString();
        return text.matches("[^,\"\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private void write(String line) throws IOException {
        if (Files.exists(file) && Files.size(file) >= maxFileKiB * 1024) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        String text = Files.exists(file) ? line : HEADER + line;
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
