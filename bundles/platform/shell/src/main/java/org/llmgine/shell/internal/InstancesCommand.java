package org.llmgine.shell.internal;

import java.util.List;
import java.util.Locale;
import org.apache.karaf.shell.support.table.Row;
import org.apache.karaf.shell.support.table.ShellTable;
import org.llmgine.api.Principal;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;

/** Lists the instances of one kind of plugin with their figures; what keeps one from working is said below the table. */
abstract class InstancesCommand extends TableCommand {
    private final String kind;

    InstancesCommand(String kind) {
        this.kind = kind;
    }

    /** Begin the columns that only this kind has, at the right end of the table. */
    void addColumns(ShellTable table) {}

    /** Fill them. */
    void addContent(Row row, InstanceEntry instance) {}

    @Override
    void run(Principal principal) {
        List<InstanceEntry> instances = commands.execute(new ListInstances(principal, kind));
        ShellTable table = new ShellTable().emptyTableText("No " + kind + " is installed.");
        table.column("Name");
        table.column("State");
        table.column("Version");
        table.column("In flight").alignRight();
        table.column("Calls").alignRight();
        table.column("Errors").alignRight();
        table.column("p50 ms").alignRight();
        table.column("p99 ms").alignRight();
        table.column("Plugin");
        addColumns(table);
        for (InstanceEntry instance : instances) {
            Row row = table.addRow();
            row.addContent(
                    instance.name(),
                    instance.state(),
                    instance.version(),
                    instance.inFlight(),
                    figure(instance, "calls"),
                    figure(instance, "errors"),
                    figure(instance, "p50Ms"),
                    figure(instance, "p99Ms"),
                    instance.plugin());
            addContent(row, instance);
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
