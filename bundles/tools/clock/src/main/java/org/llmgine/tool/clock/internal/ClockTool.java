package org.llmgine.tool.clock.internal;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Component;

/** Tells the date and the time in any zone. */
@LlmginePlugin(
        id = "clock",
        kind = LlmginePlugin.TOOL,
        name = "Clock",
        description = "Tells date, time and day of the week in a time zone.",
        author = "LLMgine")
@Component
public final class ClockTool implements Tool<ClockTool.Arguments> {
    private static final DateTimeFormatter ISO = DateTimeFormatter.ISO_OFFSET_DATE_TIME;
    private static final DateTimeFormatter HUMAN =
            DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu, HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxx", Locale.ENGLISH);

    private final Clock clock;

    public ClockTool() {
        this(Clock.systemDefaultZone());
    }

    ClockTool(Clock clock) {
        this.clock = clock;
    }

    public record Arguments(
            @Description(
                    "The IANA time zone, for example Europe/Paris, or an offset such as +02:00; the host's own zone"
                            + " when left out.")
            Optional<String> zone) {}

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of(
                "clock", "Tell the current date, time and day of the week in a time zone.", Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        String asked = arguments.zone().map(String::strip).orElse("");
        ZoneId zone;
        try {
            zone = asked.isEmpty() ? clock.getZone() : ZoneId.of(asked);
        } catch (DateTimeException e) {
            return ToolResult.error(unknown(asked));
        }
        ZonedDateTime now = ZonedDateTime.now(clock).withZoneSameInstant(zone).truncatedTo(ChronoUnit.SECONDS);
        return ToolResult.text(ISO.format(now) + "\n" + HUMAN.format(now) + " in " + zone.getId() + " (UTC"
                + now.format(OFFSET) + ")");
    }

    private static String unknown(String asked) {
        List<String> similar = SimilarZones.of(asked);
        return "There is no time zone '" + asked + "'. "
                + (similar.isEmpty()
                        ? "Give an IANA zone such as Europe/Paris, or an offset such as +02:00."
                        : "Did you mean " + String.join(", ", similar) + "?");
    }
}
