package org.llmgine.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the messages that the bus gave up, and has a command for each thing that can be done with them. */
@Command(
        name = "dead-letters",
        description =
                "List, show, retry and purge messages that were given up, for operators; without a command, list them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine dead-letters",
            "  llmgine dead-letters show ID",
            "  llmgine dead-letters retry --type shop/order/placed",
            "  llmgine dead-letters purge ID",
            "",
            HostCommand.EXIT_CODES
        })
final class DeadLettersCommand extends ListDeadLettersCommand {
    static final String PATH = "/api/dead-letters";

    DeadLettersCommand(Io io) {
        super(io);
    }

    private static String path(String id) {
        return PATH + "/" + Host.segment(id);
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Show a message that was given up, with its content.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine dead-letters show ID --json | jq .payload", "", HostCommand.EXIT_CODES})
    static final class Show extends HostCommand {
        @Parameters(paramLabel = "ID", description = "The letter's id, as the list shows it.")
        String id = "";

        Show(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object letter = readOrPrint(host.get(path(id)));
            if (letter != null) {
                print(Fields.lines(letter));
            }
        }
    }

    /** Says which letters are meant. */
    abstract static class Chosen extends HostCommand {
        @Parameters(paramLabel = "ID", arity = "0..*", description = "The letters, by their ids.")
        List<String> ids = List.of();

        @Option(
                names = {"-t", "--type"},
                paramLabel = "TYPE",
                description = "All letters of this type.")
        @Nullable String type;

        @Option(names = "--all", description = "All letters.")
        boolean all;

        Chosen(Io io) {
            super(io);
        }

        final void checkChoice() throws HostException {
            int ways = (ids.isEmpty() ? 0 : 1) + (type == null ? 0 : 1) + (all ? 1 : 0);
            if (ways != 1) {
                throw new HostException(ExitCode.USAGE, "Name letters by their ids, or give --type, or --all.");
            }
        }
    }

    /** Sends some again. */
    @Command(
            name = "retry",
            description = "Send messages again; those that succeed are dead letters no more.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine dead-letters retry ID",
                "  llmgine dead-letters retry --type shop/order/placed",
                "  llmgine dead-letters retry --all",
                "",
                "Exit codes: 0 all succeeded, 1 some failed again, 2 wrong usage,",
                "69 no host answers, 77 no valid key."
            })
    static final class Retry extends Chosen {
        private int tried;
        private int failed;

        Retry(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            checkChoice();
            if (ids.isEmpty()) {
                String answer =
                        host.post(PATH + "/retry" + (type == null ? "" : "?type=" + Host.segment(type)), Map.of());
                if (json) {
                    io.print(answer);
                }
                Json.list(Json.read(answer), "items").forEach(this::tell);
            } else {
                for (String id : ids) {
                    String answer = host.post(path(id) + "/retry", Map.of());
                    if (json) {
                        io.print(answer);
                    }
                    tell(Json.read(answer));
                }
            }
            if (tried == 0 && !json) {
                io.err().println("There are no such dead letters.");
            }
            if (failed > 0) {
                throw new HostException(
                        ExitCode.ERROR, Text.count(failed, "message") + " of " + tried + " failed again.");
            }
        }

        private void tell(@Nullable Object retried) {
            tried++;
            boolean succeeded = Boolean.TRUE.equals(Json.at(retried, "succeeded"));
            failed += succeeded ? 0 : 1;
            if (!json) {
                String id = Json.text(retried, "id");
                io.print(Text.line(succeeded ? id + " succeeded." : id + " failed: " + Json.text(retried, "error")));
            }
        }
    }

    /** Throws some away. */
    @Command(
            name = "purge",
            description = "Throw messages away for good.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  llmgine dead-letters purge ID",
                "  llmgine dead-letters purge --type shop/order/placed",
                "  llmgine dead-letters purge --all",
                "",
                HostCommand.EXIT_CODES
            })
    static final class Purge extends Chosen {
        Purge(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            checkChoice();
            List<String> answers = new ArrayList<>();
            if (ids.isEmpty()) {
                String which = type == null ? "all=true" : "type=" + Host.segment(type);
                Object purged = readOrPrint(host.delete(PATH + "?" + which));
                if (purged != null) {
                    answers.add("Purged " + Text.count(Json.number(purged, "purged"), "message") + ".");
                }
            }
            for (String id : ids) {
                Object letter = readOrPrint(host.delete(path(id)));
                if (letter != null) {
                    answers.add("Purged " + Json.text(letter, "id") + ", " + Json.text(letter, "type") + ".");
                }
            }
            answers.forEach(line -> io.print(Text.line(line)));
        }
    }
}
