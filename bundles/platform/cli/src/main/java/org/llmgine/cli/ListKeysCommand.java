package org.llmgine.cli;

import java.time.Instant;
import picocli.CommandLine.Command;

/** Lists the API keys. */
@Command(
        name = "list",
        description = "List the keys, without their secrets.",
        footerHeading = "%nExample:%n",
        footer = {"  llmgine keys list --json | jq -r '.items[].id'", "", HostCommand.EXIT_CODES})
class ListKeysCommand extends HostCommand {
    ListKeysCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/api/keys"));
        if (answer == null) {
            return;
        }
        Table table = new Table("KEY", "ACCOUNT", "LABEL", "CREATED", "EXPIRES");
        Instant now = Instant.now();
        for (Object key : Json.list(answer, "items")) {
            String expires = Json.text(key, "expires");
            table.row(
                    Json.text(key, "id"),
                    Json.text(key, "account"),
                    Json.text(key, "label"),
                    Text.ago(Json.text(key, "created"), now),
                    expires.isEmpty() ? "never" : Text.until(expires, now));
        }
        print(table, "There are no keys.");
    }
}
