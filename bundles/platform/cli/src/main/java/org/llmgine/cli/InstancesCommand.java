package org.llmgine.cli;

/** Lists the instances of one kind of plugin. */
abstract class InstancesCommand extends HostCommand {
    private final String kind;

    InstancesCommand(Io io, String kind) {
        super(io);
        this.kind = kind;
    }

    @Override
    final void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/api/" + kind));
        if (answer == null) {
            return;
        }
        boolean tools = kind.equals("tools");
        Table table = new Table("NAME", "STATE", "VERSION", "RUNNING", tools ? "DOES" : "PLUGIN");
        for (Object item : Json.list(answer, "items")) {
            table.row(
                    Json.text(item, "name"),
                    Json.text(item, "state"),
                    Json.text(item, "version"),
                    Long.toString(Json.number(item, "inFlight")),
                    tools ? Json.text(item, "tool", "description") : Json.text(item, "plugin"));
        }
        print(table, "There are no " + kind + ".");
        for (Object item : Json.list(answer, "items")) {
            String problem = Json.text(item, "problem");
            if (!problem.isEmpty()) {
                io.print(Text.line(Json.text(item, "name") + ": " + problem));
            }
        }
    }
}
