package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Terminal;
import org.jspecify.annotations.Nullable;

/** Shares the option that every table has in Karaf's shell. */
abstract class TableCommand extends HostCommand {
    @Option(name = "--no-format", description = "Print tabs instead of a table, for other programs.")
    boolean noFormat;

    /** The session's terminal; null where there is none, as behind {@code ssh HOST COMMAND}. */
    @Reference(optional = true)
    @Nullable Terminal terminal;

    final void print(Table table) {
        Terminal screen = terminal;
        int width = screen == null || noFormat ? 0 : screen.getWidth();
        table.print(out, width > 0 ? width : Integer.MAX_VALUE, !noFormat);
    }
}
