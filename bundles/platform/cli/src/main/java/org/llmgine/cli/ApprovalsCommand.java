package org.llmgine.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the approvals, and has a command for each thing that can be done with one. */
@Command(
        name = "approvals",
        description = "List, show, approve and deny tool calls that wait for a person; without a command, list them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine approvals",
            "  llmgine approvals approve appr_…",
            "  llmgine approvals deny appr_… --reason \"Not to this address.\"",
            "  llmgine approvals list --json | jq -r '.items[].id'",
            "",
            HostCommand.EXIT_CODES
        })
final class ApprovalsCommand extends ListApprovalsCommand {
    ApprovalsCommand(Io io) {
        super(io);
    }

    static String path(String approval) {
        return "/api/approvals/" + Host.segment(approval);
    }

    /** Describe an approval. */
    static List<String> lines(Object approval) {
        List<String> lines = new ArrayList<>();
        Instant now = Instant.now();
        lines.add(Text.line(Json.text(approval, "id") + "  " + Json.text(approval, "state")));
        lines.add(Text.line("call " + Json.text(approval, "tool") + " " + Json.text(approval, "arguments")));
        lines.add(Text.line("asked by " + Json.text(approval, "askedBy") + ", "
                + Text.ago(Json.text(approval, "created"), now) + ", in session " + Json.text(approval, "session")
                + ", turn " + Json.text(approval, "turn")));
        String decided = Json.text(approval, "decided");
        if (decided.isEmpty()) {
            lines.add(Text.line("expires " + Json.text(approval, "expires")));
        } else {
            String by = Json.text(approval, "decidedBy");
            lines.add(Text.line(
                    Json.text(approval, "state") + (by.isEmpty() ? "" : " by " + by) + ", " + Text.ago(decided, now)));
        }
        String reason = Json.text(approval, "reason");
        if (!reason.isEmpty()) {
            lines.add("reason: " + Text.plain(reason));
        }
        return lines;
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Show an approval: the call with its arguments, who asked, who decided.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine approvals show appr_…", "", HostCommand.EXIT_CODES})
    static final class Show extends HostCommand {
        @Parameters(paramLabel = "ID", description = "The approval.")
        String id = "";

        Show(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object approval = readOrPrint(host.get(path(id)));
            if (approval != null) {
                print(lines(approval));
            }
        }
    }

    /** Decides one. */
    private abstract static class Decide extends HostCommand {
        @Parameters(paramLabel = "ID", description = "The approval.")
        String id = "";

        @Option(
                names = {"-r", "--reason"},
                paramLabel = "TEXT",
                description = "What to say to it; a model reads why its call was denied.")
        @Nullable String reason;

        private final String decision;

        Decide(Io io, String decision) {
            super(io);
            this.decision = decision;
        }

        @Override
        final void run(Host host) throws HostException {
            Map<String, String> body = reason == null ? Map.of() : Map.of("reason", reason);
            Object approval = readOrPrint(host.post(path(id) + "/" + decision, body));
            if (approval != null) {
                String state = Json.text(approval, "state");
                String done = state.isEmpty() ? "" : Character.toUpperCase(state.charAt(0)) + state.substring(1);
                io.print(Text.line(done + " the call of " + Json.text(approval, "tool") + " ("
                        + Json.text(approval, "id") + ")."));
            }
        }
    }

    /** Approves one. */
    @Command(
            name = "approve",
            description = "Approve a tool call: it is made, and the turn goes on, when all its calls are decided.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine approvals approve appr_…", "", HostCommand.EXIT_CODES})
    static final class Approve extends Decide {
        Approve(Io io) {
            super(io, "approve");
        }
    }

    /** Denies one. */
    @Command(
            name = "deny",
            description = "Deny a tool call; the model reads who did and why.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine approvals deny appr_… --reason \"Not to this address.\"", "", HostCommand.EXIT_CODES})
    static final class Deny extends Decide {
        Deny(Io io) {
            super(io, "deny");
        }
    }
}
