package org.llmgine.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.llmgine.api.Principal;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;
import org.llmgine.shell.internal.Table.Kind;

/** Lists the instances of one kind of plugin with their figures; what keeps one from working is said below the table. */
abstract class InstancesCommand extends TableCommand {
    private final String kind;

    InstancesCommand(String kind) {
        this.kind = kind;
    }

    /** Begin the columns that only this kind has, at the right end of the table. */
    void addColumns(Table table) {}

    /** Return their cells. */
    List<String> cells(InstanceEntry instance) {
        return List.of();
    }

    @Override
    void run(Principal principal) {
        List<InstanceEntry> instances = commands.execute(new ListInstances(principal, kind));
        Table table = new Table("No " + kind + " is installed.")
                .column("Name", Kind.NAME)
                .column("State", Kind.NAME)
                .column("Version", Kind.DETAIL)
                .column("In flight", Kind.FIGURE_DETAIL)
                .column("Calls", Kind.FIGURE)
                .column("Errors", Kind.FIGURE)
                .column("p50 ms", Kind.FIGURE)
                .column("p99 ms", Kind.FIGURE_DETAIL)
                .column("Plugin", Kind.DETAIL);
        addColumns(table);
        for (InstanceEntry instance : instances) {
            List<Object> row = new ArrayList<>(List.of(
                    instance.name(),
                    instance.state(),
                    instance.version(),
                    instance.inFlight(),
                    figure(instance, "calls"),
                    figure(instance, "errors"),
                    figure(instance, "p50Ms"),
                    figure(instance, "p99Ms"),
                    instance.plugin()));
            row.addAll(cells(instance));
            table.row(row.toArray());
        }
        print(table);
        for (InstanceEntry instance : instances) {
            instance.problem().ifPresent(problem -> out.println(instance.name() + ": " + problem));
        }
    }

    private static String figure(InstanceEntry instance, String name) {
        Number figure = instance.figures().get(name);
        if (figure == null) {
            return "";
        }
        return figure instanceof Double || figure instanceof Float
                ? String.format(Locale.ROOT, "%.1f", figure.doubleValue())
                : figure.toString();
    }
}
