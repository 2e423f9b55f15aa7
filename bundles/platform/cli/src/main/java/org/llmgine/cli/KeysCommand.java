package org.llmgine.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the API keys, and has a command for each thing that can be done with one. */
@Command(
        name = "keys",
        description = "List, create and revoke API keys, for admins; without a command, list them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine keys",
            "  llmgine keys create --label laptop --days 90",
            "  llmgine keys revoke ID",
            "",
            HostCommand.EXIT_CODES
        })
final class KeysCommand extends ListKeysCommand {
    KeysCommand(Io io) {
        super(io);
    }

    /** Makes one. */
    @Command(
            name = "create",
            description = "Make a key and print its secret, which is shown this once.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine keys create --label laptop --days 90",
                "  export LLMGINE_KEY=$(llmgine keys create --label script)",
                "",
                "The secret goes to the standard output, the rest to the standard error.",
                HostCommand.EXIT_CODES
            })
    static final class Create extends HostCommand {
        // What the host's number of seconds can say.
        private static final int MOST_DAYS = 24_855;

        @Option(names = "--account", paramLabel = "NAME", description = "Whose it is. Default: yours.")
        @Nullable String account;

        @Option(
                names = {"-l", "--label"},
                paramLabel = "TEXT",
                description = "What it is for.")
        @Nullable String label;

        @Option(
                names = {"-d", "--days"},
                paramLabel = "N",
                description = "How long it is valid. Default: until it is revoked.")
        @Nullable Integer days;

        Create(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            if (days != null && (days < 1 || days > MOST_DAYS)) {
                throw new HostException(
                        ExitCode.USAGE,
                        "A key lives 1 to " + MOST_DAYS + " days. Leave --days out for a key that never ends.");
            }
            Map<String, Object> wanted = new LinkedHashMap<>();
            if (account != null) {
                wanted.put("account", account);
            }
            if (label != null) {
                wanted.put("label", label);
            }
            if (days != null) {
                wanted.put("lifetimeSeconds", Duration.ofDays(days).toSeconds());
            }
            Object key = readOrPrint(host.post("/api/keys", wanted));
            if (key != null) {
                io.print(Text.line(Json.text(key, "key")));
                io.err()
                        .println(Text.line("Made key " + Json.text(key, "id") + " of " + Json.text(key, "account")
                                + ". Keep the secret: it is not shown again."));
            }
        }
    }

    /** Ends one. */
    @Command(
            name = "revoke",
            description = "End a key for good.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine keys revoke ID", "", HostCommand.EXIT_CODES})
    static final class Revoke extends HostCommand {
        @Parameters(paramLabel = "ID", description = "The key's id, as the list shows it.")
        String id = "";

        Revoke(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object key = readOrPrint(host.delete("/api/keys/" + Host.segment(id)));
            if (key != null) {
                io.print(Text.line("Revoked " + Json.text(key, "id") + " of " + Json.text(key, "account") + "."));
            }
        }
    }
}
