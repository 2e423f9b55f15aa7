package org.llmgine.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lists the instances of one kind of plugin. */
abstract class InstancesCommand extends HostCommand {
    private static final int WIDE = 100;

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
        boolean wide = io.width() >= WIDE;
        String last = tools ? "DOES" : "PLUGIN";
        Table table = wide
                ? new Table("NAME", "STATE", "VERSION", "RUNNING", "CALLS", "ERRORS", "P50 MS", last)
                : new Table("NAME", "STATE", "VERSION", "RUNNING", last);
        for (Object item : Json.list(answer, "items")) {
            List<String> cells = new ArrayList<>(
                    List.of(Json.text(item, "name"), Json.text(item, "state"), Json.text(item, "version")));
            cells.add(Long.toString(Json.number(item, "inFlight")));
            if (wide) {
                cells.add(figure(item, "calls"));
                cells.add(figure(item, "errors"));
                cells.add(figure(item, "p50Ms"));
            }
            cells.add(tools ? Json.text(item, "tool", "description") : Json.text(item, "plugin"));
            table.row(cells.toArray(String[]::new));
        }
        print(table, "There are no " + kind + ".");
        for (Object item : Json.list(answer, "items")) {
            String problem = Json.text(item, "problem");
            if (!problem.isEmpty()) {
                io.print(Text.line(Json.text(item, "name") + ": " + problem));
            }
        }
    }

    private static String figure(Object item, String name) {
        return switch (Json.at(item, "figures", name)) {
            case Double fraction -> String.format(Locale.ROOT, "%.1f", fraction);
            case Number whole -> whole.toString();
            case null, default -> "";
        };
    }
}
