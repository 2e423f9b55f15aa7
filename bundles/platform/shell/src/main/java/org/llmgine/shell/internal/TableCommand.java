package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.support.table.ShellTable;

/** Shares the option that every table has in Karaf's shell. */
abstract class TableCommand extends HostCommand {
    @Option(name = "--no-format", description = "Print tabs instead of a table, for other programs.")
    boolean noFormat;

    final void print(ShellTable table) {
        table.print(out, !noFormat);
    }
}
