package org.llmgine.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the plugins, and has a command for each thing that can be done with one. */
@Command(
        name = "plugins",
        description = "List, show, install, replace and remove plugins, for operators; without a command, list them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine plugins",
            "  llmgine plugins install greeter-1.1.0.jar",
            "  llmgine plugins rollback greeter",
            "",
            HostCommand.EXIT_CODES
        })
final class PluginsCommand extends ListPluginsCommand {
    private static final String PLUGIN = "The plugin's id or its symbolic name, as the list shows it.";

    PluginsCommand(Io io) {
        super(io);
    }

    private static String path(String plugin) {
        return "/api/plugins/" + Host.segment(plugin);
    }

    private static String sentence(Object plugin, String what) {
        return Text.line(Json.text(plugin, "id") + " " + Json.text(plugin, "active") + " " + what);
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Show a plugin, its versions and how it fares.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine plugins show clock", "", HostCommand.EXIT_CODES})
    static final class Show extends HostCommand {
        @Parameters(paramLabel = "PLUGIN", description = PLUGIN)
        String plugin = "";

        Show(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object found = readOrPrint(host.get(path(plugin)));
            if (found instanceof Map<?, ?> fields) {
                Map<Object, Object> shown = new LinkedHashMap<>(fields);
                shown.remove("versions");
                @Nullable Object figures = shown.remove("figures");
                shown.put("toolThreads", Json.at(figures, "toolThreads"));
                shown.put("leftBehind", Json.list(figures, "leftBehind"));
                shown.put("classLoaders", Json.at(figures, "classLoaders"));
                print(Fields.lines(shown));
                Table table = new Table("VERSION", "STATE", "RUNNING", "SOURCE", "BY", "PROBLEM");
                for (Object version : Json.list(found, "versions")) {
                    table.row(
                            Json.text(version, "version"),
                            Json.text(version, "state"),
                            String.valueOf(Json.at(version, "leases")),
                            Json.text(version, "source"),
                            Json.text(version, "installedBy"),
                            Json.text(version, "problem"));
                }
                print(table, "");
                print(instances(figures), "");
            }
        }

        private static Table instances(@Nullable Object figures) {
            Table table = new Table(
                    "KIND", "INSTANCE", "VERSION", "CALLS", "ERRORS", "RUNNING", "P50 MS", "P99 MS", "PROBLEM");
            for (Object instance : Json.list(figures, "instances")) {
                table.row(
                        Json.text(instance, "kind"),
                        Json.text(instance, "name"),
                        Json.text(instance, "version"),
                        String.valueOf(Json.at(instance, "calls")),
                        String.valueOf(Json.at(instance, "errors")),
                        String.valueOf(Json.at(instance, "inFlight")),
                        millis(instance, "p50Ms"),
                        millis(instance, "p99Ms"),
                        Json.text(instance, "problem"));
            }
            return table;
        }

        private static String millis(Object instance, String figure) {
            return Json.at(instance, figure) instanceof Number number
                    ? String.format(Locale.ROOT, "%.1f", number.doubleValue())
                    : "";
        }
    }

    /** Lists what the catalogues offer. */
    @Command(
            name = "catalogue",
            description = "List the plugins that the catalogues offer.",
            footerHeading = "%nExamples:%n",
            footer = {"  llmgine plugins catalogue", "  llmgine plugins catalogue weather", "", HostCommand.EXIT_CODES})
    static final class Catalogue extends HostCommand {
        @Parameters(
                arity = "0..1",
                paramLabel = "QUERY",
                description = "What an id, a name, a description, a kind or an author must contain.")
        String query = "";

        Catalogue(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object answer = readOrPrint(
                    host.get("/api/plugins/catalogue" + (query.isEmpty() ? "" : "?q=" + Host.segment(query))));
            if (answer == null) {
                return;
            }
            Table table = new Table("PLUGIN", "KIND", "VERSION", "CATALOGUE", "DESCRIPTION");
            List<String> problems = new ArrayList<>();
            for (Object plugin : Json.list(answer, "items")) {
                for (Object version : Json.list(plugin, "versions")) {
                    String id = Json.text(plugin, "id");
                    String number = Json.text(version, "version");
                    table.row(
                            id,
                            ListPluginsCommand.kinds(plugin),
                            number,
                            Json.text(plugin, "catalogue"),
                            Json.text(plugin, "description"));
                    String problem = Json.text(version, "problem");
                    if (!problem.isEmpty()) {
                        problems.add(id + " " + number + ": " + problem);
                    }
                }
            }
            Json.list(answer, "problems").forEach(problem -> problems.add(String.valueOf(problem)));
            print(table, "No catalogue offers such a plugin.");
            problems.forEach(problem -> io.print(Text.line(problem)));
        }
    }

    /** Installs one. */
    @Command(
            name = "install",
            description =
                    "Install a plugin, or another version of one. It serves when this returns; calls in flight end on the"
                            + " former version.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine plugins install greeter-1.1.0.jar",
                "  llmgine plugins install --dry-run https://example.org/greeter-1.1.0.jar",
                "  llmgine plugins install mvn:org.example/greeter/1.1.0",
                "  llmgine plugins install clock",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Install extends HostCommand {
        @Parameters(
                paramLabel = "JAR",
                index = "0",
                description =
                        "A file here, an address that the host reads (http:, https:, file: or mvn:), or the id of a plugin that"
                                + " a catalogue offers.")
        String jar = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "VERSION",
                description = "With an id: which version; without it, the newest that fits the host.")
        @Nullable String version;

        @Option(names = "--dry-run", description = "Do no more than the checks.")
        boolean dryRun;

        @Option(names = "--sha256", paramLabel = "HEX", description = "What the jar's SHA-256 must be.")
        @Nullable String sha256;

        Install(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            String path = "/api/plugins?dryRun=" + dryRun + (sha256 == null ? "" : "&sha256=" + Host.segment(sha256));
            Object report = readOrPrint(send(host, path));
            if (report == null) {
                return;
            }
            boolean passed = true;
            for (Object check : Json.list(report, "checks")) {
                boolean good = Boolean.TRUE.equals(Json.at(check, "passed"));
                passed &= good;
                if (dryRun || !good) {
                    io.print((good ? "ok    " : "FAIL  ") + Text.line(Json.text(check, "message")));
                }
            }
            String what = Json.text(report, "id") + " " + Json.text(report, "version");
            if (Boolean.TRUE.equals(Json.at(report, "installed"))) {
                String former = Json.text(report, "replaced");
                io.print(Text.line(what + " serves" + (former.isEmpty() ? "." : ", in place of " + former + ".")));
            } else if (passed) {
                io.print(Text.line(what + " can be installed; nothing has changed."));
            } else {
                throw new HostException(ExitCode.ERROR, "It can't be installed; nothing has changed.");
            }
        }

        private String send(Host host, String path) throws HostException {
            if (jar.matches("[a-z0-9][a-z0-9-]{0,63}") && !Files.exists(Path.of(jar))) {
                return host.ask(
                        path,
                        version == null ? Map.of("catalogue", jar) : Map.of("catalogue", jar, "version", version));
            }
            if (version != null) {
                throw new HostException(ExitCode.ERROR, "Only an id goes with a version, and " + jar + " is none.");
            }
            return jar.matches("(https?|file|mvn):.*") ? host.ask(path, Map.of("url", jar)) : upload(host, path);
        }

        private String upload(Host host, String path) throws HostException {
            Path file = Path.of(jar);
            if (!Files.isRegularFile(file)) {
                throw new HostException(ExitCode.ERROR, "There is no file " + file + ".");
            }
            try (ByteProgress progress = new ByteProgress(io, "sent")) {
                return host.upload(path, file, progress);
            } catch (IOException e) {
                throw new HostException(ExitCode.ERROR, file + " can't be read: " + e.getMessage());
            }
        }
    }

    /** Changes one plugin, and says so. */
    private abstract static class Change extends HostCommand {
        private final String outcome;

        @Parameters(index = "0", paramLabel = "PLUGIN", description = PLUGIN)
        String plugin = "";

        Change(Io io, String outcome) {
            super(io);
            this.outcome = outcome;
        }

        /** Return the host's answer. */
        abstract String ask(Host host, String path) throws HostException;

        @Override
        final void run(Host host) throws HostException {
            Object now = readOrPrint(ask(host, path(plugin)));
            if (now != null) {
                io.print(sentence(now, outcome));
            }
        }
    }

    /** Goes back to the former version of one, or to any. */
    @Command(
            name = "rollback",
            description =
                    "Let another kept version serve, back or forward; without one, the version that served before.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine plugins rollback greeter",
                "  llmgine plugins rollback greeter 1.1.0",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Rollback extends Change {
        @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "The version, as 'show' has it.")
        @Nullable String version;

        Rollback(Io io) {
            super(io, "serves.");
        }

        @Override
        String ask(Host host, String path) throws HostException {
            return host.ask(
                    path + "/rollback" + (version == null ? "" : "?version=" + Host.segment(version)), Map.of());
        }
    }

    /** Switches one off. */
    @Command(
            name = "disable",
            description = "Let a plugin serve no more; it stays known, and disabled over restarts.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine plugins disable greeter", "", HostCommand.EXIT_CODES})
    static final class Disable extends Change {
        Disable(Io io) {
            super(io, "is disabled.");
        }

        @Override
        String ask(Host host, String path) throws HostException {
            return host.ask(path + "/disable", Map.of());
        }
    }

    /** Switches one on. */
    @Command(
            name = "enable",
            description = "Let a plugin serve again.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine plugins enable greeter", "", HostCommand.EXIT_CODES})
    static final class Enable extends Change {
        Enable(Io io) {
            super(io, "serves.");
        }

        @Override
        String ask(Host host, String path) throws HostException {
            return host.ask(path + "/enable", Map.of());
        }
    }

    /** Removes one. */
    @Command(
            name = "remove",
            description = "Remove a plugin with all its versions; its settings stay.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine plugins remove greeter", "", HostCommand.EXIT_CODES})
    static final class Remove extends Change {
        Remove(Io io) {
            super(io, "is removed.");
        }

        @Override
        String ask(Host host, String path) throws HostException {
            return host.delete(path);
        }
    }
}
