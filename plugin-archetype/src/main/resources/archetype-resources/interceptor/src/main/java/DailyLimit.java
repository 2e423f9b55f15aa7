package ${package};

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.MessageType;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Lets each account run so many turns a day (in UTC) and refuses the rest. It counts in memory: a restart of the host, another
 * version and changed settings begin anew.
 */
@Component(configurationPid = DailyLimit.PID, property = "service.ranking:Integer=100")
@Designate(ocd = DailyLimitSettings.class)
@LlmginePlugin(
        id = "${artifactId}",
        kind = LlmginePlugin.INTERCEPTOR,
        name = "Daily limit",
        description = "Lets each account run so many turns a day.",
        pids = DailyLimit.PID)
public final class DailyLimit implements Interceptor {
    static final String PID = "${package}";

    private final int turnsPerDay;
    private final Set<String> types;
    private final Clock clock;
    private final Map<String, Integer> counts = new HashMap<>();
    private LocalDate day = LocalDate.MIN;

    @Activate
    public DailyLimit(DailyLimitSettings settings) {
        this(settings, Clock.systemUTC());
    }

    DailyLimit(DailyLimitSettings settings, Clock clock) {
        turnsPerDay = settings.turnsPerDay();
        types = Set.of(settings.types());
        this.clock = clock;
    }

    @Override
    public <R> R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next) throws Exception {
        if (context.attempt() == 1 && types.contains(type(command))) {
            count(context.principal().name());
        }
        return next.proceed();
    }

    /** Return the name of a command's type, as the bus has it. */
    private static String type(Command<?> command) {
        MessageType named = command.getClass().getAnnotation(MessageType.class);
        return named == null ? command.getClass().getName().replace('.', '/') : named.value();
    }

    private synchronized void count(String account) {
        Instant now = clock.instant();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (!today.equals(day)) {
            day = today;
            counts.clear();
        }
        if (counts.getOrDefault(account, 0) >= turnsPerDay) {
            Instant tomorrow = today.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
            throw new LlmgineException(
                            ErrorCode.RATE_LIMITED, "'" + account + "' has used up the " + turnsPerDay + " turns of today.")
                    .withHint("Ask again tomorrow, or let an operator raise turnsPerDay in the settings of " + PID + ".")
                    .withRetryAfter(Duration.between(now, tomorrow));
        }
        counts.merge(account, 1, Integer::sum);
    }
}
