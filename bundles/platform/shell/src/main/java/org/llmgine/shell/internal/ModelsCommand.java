package org.llmgine.shell.internal;

import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.shell.internal.Table.Kind;

/** Lists what {@code llmgine:chat -m} takes. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "models",
        description = "List the models, aliases and engines that can be asked.",
        detailedDescription = "Each name can be given to llmgine:chat -m, and as model to the HTTP API.")
public final class ModelsCommand extends TableCommand {
    @Override
    void run(Principal principal) {
        Table table = new Table("No provider offers a model.")
                .column("Model", Kind.NAME)
                .column("From", Kind.DETAIL)
                .column("Stands for", Kind.TEXT)
                .column("Takes", Kind.TEXT)
                .column("Context", Kind.FIGURE);
        for (ModelEntry model : commands.execute(new ListModels(principal))) {
            table.row(
                    model.id(),
                    model.owner(),
                    model.target().orElse(""),
                    model.capabilities().stream().sorted().collect(Collectors.joining(", ")),
                    model.contextTokens().isPresent() ? model.contextTokens().getAsInt() : "");
        }
        print(table);
    }
}
