package org.llmgine.shell.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Session;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.ChangeSettings;
import org.llmgine.core.settings.Configuration;

/** Stores settings and puts them in force. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "config-set",
        description = "Store settings and put them in force, all or none.",
        detailedDescription = "For operators: llmgine:config-set org.llmgine.core retries=3 toolTimeoutMs=60000\n"
                + "An instance that isn't there is made. Commas separate the values of a setting that takes several.\n"
                + "--secret NAME asks for a value without showing it.")
@SuppressWarnings("NullAway.Init") // the shell sets the references
public final class ConfigSetCommand extends HostCommand {
    @Reference
    Session session;

    @Argument(name = "pid", description = "The PID, or PID~NAME for an instance.", required = true)
    @Completion(ConfigCompleter.class)
    String pid = "";

    @Argument(index = 1, name = "name=value", description = "A setting and its value.", multiValued = true)
    List<String> assignments = List.of();

    @Option(name = "--secret", description = "A setting whose value is asked for.", multiValued = true)
    List<String> secrets = List.of();

    @Override
    void run(Principal principal) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'" + assignment + "' is no NAME=VALUE.");
            }
            values.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
        for (String secret : secrets) {
            values.put(secret, ask(secret));
        }
        if (values.isEmpty()) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "Which settings?")
                    .withHint("Give at least one NAME=VALUE, or --secret NAME.");
        }
        Configuration now =
                commands.execute(new ChangeSettings(principal, pid, values, Set.of(), false, OptionalLong.empty()));
        out.println("The settings of " + now.pid() + " are stored and in force. Version " + now.version() + ".");
    }

    private String ask(String secret) {
        try {
            return session.readLine(secret + ": ", '*');
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The value of " + secret + " was not given.", e);
        }
    }
}
