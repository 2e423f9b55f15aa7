package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Terminal;
import org.apache.karaf.shell.support.table.ShellTable;
import org.jspecify.annotations.Nullable;

/** Shares the option that every table has in Karaf's shell. */
abstract class TableCommand extends HostCommand {
    @Option(name = "--no-format", description = "Print tabs instead of a table, for other programs.")
    boolean noFormat;

    /** The session's terminal; null where there is none, as behind {@code ssh HOST COMMAND}. */
    @Reference(optional = true)
    @Nullable Terminal terminal;

    /** Let the last column take what the terminal's width leaves. */
    final void fit(ShellTable table) {
        Terminal screen = terminal;
        if (screen != null && !noFormat) {
            table.size(screen.getWidth());
        }
    }

    final void print(ShellTable table) {
        table.print(out, !noFormat);
    }
}
