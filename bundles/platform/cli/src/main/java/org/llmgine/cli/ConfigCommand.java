package org.llmgine.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what can be configured, and has a command for each thing that can be done with a configuration. */
@Command(
        name = "config",
        description =
                "Show and change the settings of plugins and the host, for operators; without a command, list what can be"
                        + " configured.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine config",
            "  llmgine config show org.llmgine.core",
            "  llmgine config set org.llmgine.core retries=3 toolTimeoutMs=60000",
            "  llmgine config history org.llmgine.core",
            "  llmgine config rollback org.llmgine.core",
            "",
            HostCommand.EXIT_CODES
        })
final class ConfigCommand extends ListConfigCommand {
    private static final String PID = "The PID, as the list shows it, or PID~NAME for an instance.";

    ConfigCommand(Io io) {
        super(io);
    }

    private static String path(String pid) {
        return "/api/config/" + Host.segment(pid);
    }

    private static String value(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(", "));
            default -> value.toString();
        };
    }

    private static String now(Object configuration) {
        String pid = Json.text(configuration, "pid");
        String version = " Version " + Json.number(configuration, "version") + ".";
        return Text.line(
                Boolean.TRUE.equals(Json.at(configuration, "stored"))
                        ? "The settings of " + pid + " are stored and in force." + version
                        : "Nothing is stored for " + pid + " any more." + version);
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Show the settings of a configuration, and where each comes from.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine config show org.llmgine.provider.openai~work",
                "  llmgine config show org.llmgine.core --json | jq .schema",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Show extends HostCommand {
        @Parameters(paramLabel = "PID", description = PID)
        String pid = "";

        Show(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object found = readOrPrint(host.get(path(pid)));
            if (found == null) {
                return;
            }
            Table table = new Table("SETTING", "VALUE", "FROM", "DESCRIPTION");
            for (Object setting : Json.list(found, "settings")) {
                String name = Json.text(setting, "name");
                boolean secret = Boolean.TRUE.equals(Json.at(setting, "secret"));
                boolean set = Boolean.TRUE.equals(Json.at(setting, "set"));
                table.row(
                        name,
                        secret ? set ? "(set)" : "" : value(Json.at(setting, "value")),
                        from(setting),
                        Json.text(found, "schema", "properties", name, "description"));
            }
            print(table, "It has no settings.");
            for (Object setting : Json.list(found, "settings")) {
                String problem = Json.text(setting, "problem");
                if (!problem.isEmpty()) {
                    io.err().println(Text.line("Not in force: " + problem));
                }
            }
        }

        private static String from(Object setting) {
            String origin = Json.text(setting, "origin");
            String source = Json.text(setting, "source");
            boolean beaten = !origin.equals("stored") && Boolean.TRUE.equals(Json.at(setting, "stored"));
            return (source.isEmpty() ? origin : source) + (beaten ? ", not what is stored" : "");
        }
    }

    /** Stores settings. */
    @Command(
            name = "set",
            description =
                    "Store settings and put them in force, all or none. An instance that isn't there is made. Commas separate"
                            + " the values of a setting that takes several.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine config set org.llmgine.core retries=3",
                "  llmgine config set org.llmgine.provider.openai~work baseUrl=https://api.example.com/v1 --secret apiKey",
                "  pass api.example.com | llmgine config set org.llmgine.provider.openai~work --secret apiKey",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Set extends HostCommand {
        @Parameters(index = "0", paramLabel = "PID", description = PID)
        String pid = "";

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME=VALUE", description = "A setting and its value.")
        List<String> assignments = List.of();

        @Option(
                names = {"-s", "--secret"},
                paramLabel = "NAME",
                description =
                        "A setting whose value is asked for without an echo, or read as a line of the standard input; may be"
                                + " given several times.")
        List<String> secrets = List.of();

        Set(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Map<String, Object> values = new LinkedHashMap<>();
            for (String assignment : assignments) {
                int equals = assignment.indexOf('=');
                if (equals < 1) {
                    throw new HostException(ExitCode.USAGE, "'" + assignment + "' is no NAME=VALUE.");
                }
                values.put(assignment.substring(0, equals), assignment.substring(equals + 1));
            }
            for (String secret : secrets) {
                values.put(secret, io.secret(secret));
            }
            if (values.isEmpty()) {
                throw new HostException(ExitCode.USAGE, "Give at least one NAME=VALUE, or --secret NAME.");
            }
            Object now = readOrPrint(host.patch(path(pid), values));
            if (now != null) {
                io.print(now(now));
            }
        }
    }

    /** Takes stored settings away. */
    @Command(
            name = "unset",
            description =
                    "Store nothing any more for some settings, or for all: what files, variables and defaults say counts."
                            + " Without names, an instance that was only stored is gone.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine config unset org.llmgine.core retries",
                "  llmgine config unset org.llmgine.provider.openai~work",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Unset extends HostCommand {
        @Parameters(index = "0", paramLabel = "PID", description = PID)
        String pid = "";

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME", description = "A setting. Default: all.")
        List<String> names = List.of();

        Unset(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            if (names.isEmpty()) {
                Object change = readOrPrint(host.delete(path(pid)));
                if (change != null) {
                    io.print(now(change));
                }
                return;
            }
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            names.forEach(name -> values.put(name, null));
            Object now = readOrPrint(host.patch(path(pid), values));
            if (now != null) {
                io.print(now(now));
            }
        }
    }

    /** Lists the changes of one. */
    @Command(
            name = "history",
            description = "List what was changed in a configuration, newest first.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine config history org.llmgine.core", "", HostCommand.EXIT_CODES})
    static final class History extends HostCommand {
        @Parameters(paramLabel = "PID", description = PID)
        String pid = "";

        @Option(
                names = {"-n", "--limit"},
                paramLabel = "N",
                description = "How many at most, up to 100. Default: 20.")
        int limit = 20;

        History(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object answer = readOrPrint(host.get(path(pid) + "/history?limit=" + limit));
            if (answer == null) {
                return;
            }
            Table table = new Table("VERSION", "CHANGED", "BY", "SETTINGS");
            Instant now = Instant.now();
            for (Object change : Json.list(answer, "items")) {
                table.row(
                        String.valueOf(Json.number(change, "version")),
                        Text.ago(Json.text(change, "time"), now),
                        Json.text(change, "principal"),
                        Boolean.TRUE.equals(Json.at(change, "removed")) ? "all removed" : what(change));
            }
            print(table, "Nothing was changed.");
        }

        private static String what(Object change) {
            List<String> what = new ArrayList<>();
            List<?> secrets = Json.list(change, "secrets");
            for (Object changed : Json.list(change, "changed")) {
                String name = String.valueOf(changed);
                Object value = Json.at(change, "values", name);
                what.add(
                        value != null
                                ? name + "=" + value(value)
                                : secrets.contains(name) ? name + " (secret)" : "no " + name);
            }
            return String.join(", ", what);
        }
    }

    /** Goes back to a former version. */
    @Command(
            name = "rollback",
            description =
                    "Store again what was stored at a former version; without one, before the last change. That is a new"
                            + " version.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine config rollback org.llmgine.core",
                "  llmgine config rollback org.llmgine.core 3",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Rollback extends HostCommand {
        @Parameters(index = "0", paramLabel = "PID", description = PID)
        String pid = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "VERSION",
                description = "The version, as 'history' shows it.")
        @Nullable Integer version;

        Rollback(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object now = readOrPrint(
                    host.post(path(pid) + "/rollback" + (version == null ? "" : "?to=" + version), Map.of()));
            if (now != null) {
                io.print(now(now));
            }
        }
    }
}
