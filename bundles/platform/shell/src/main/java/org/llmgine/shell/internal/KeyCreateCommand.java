package org.llmgine.shell.internal;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.IssuedKey;

/** Makes an API key and shows it this once. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "key-create",
        description = "Make an API key and show it this once.",
        detailedDescription = "For admins. The key may do what its account may.")
public final class KeyCreateCommand extends HostCommand {
    private static final int MAX_DAYS = 36_500;

    @Option(name = "-l", aliases = "--label", description = "What the key is for.")
    String label = "shell";

    @Option(
            name = "-d",
            aliases = "--days",
            description = "After how many days it ends; without it the key never ends.")
    int days;

    @Argument(name = "account", description = "The owner's name.", required = true)
    String account = "";

    @Override
    void run(Principal principal) {
        if (days < 0 || days > MAX_DAYS) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "A key lives 1 to " + MAX_DAYS + " days.")
                    .withHint("Leave --days out for a key that never ends.");
        }
        Optional<Duration> lifetime = days == 0 ? Optional.empty() : Optional.of(Duration.ofDays(days));
        IssuedKey issued = commands.execute(new CreateKey(principal, account, label, lifetime));
        String end = lifetime.isEmpty()
                ? "never ends"
                : "ends at " + issued.expires().truncatedTo(ChronoUnit.SECONDS);
        out.println(issued.key());
        out.println("This is the only time that it is shown. Its id is " + issued.keyId() + ", it belongs to "
                + issued.principal().name() + " and " + end + ".");
    }
}
