package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.CatalogueEntry;
import org.llmgine.plugins.CatalogueListing;
import org.llmgine.plugins.SearchCatalogue;
import org.llmgine.shell.internal.Table.Kind;

/** Lists the plugins that the catalogues offer. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugin-catalogue",
        description = "List the plugins that the catalogues offer.",
        detailedDescription = "llmgine:plugin-install installs one by its id.")
public final class PluginCatalogueCommand extends TableCommand {
    @Argument(name = "query", description = "What an id, a name, a description, a kind or an author must contain.")
    String query = "";

    @Override
    void run(Principal principal) {
        CatalogueListing listing = commands.execute(new SearchCatalogue(principal, query));
        Table table = new Table("No catalogue offers such a plugin.")
                .column("Plugin", Kind.NAME)
                .column("Kind", Kind.NAME)
                .column("Version", Kind.NAME)
                .column("Catalogue", Kind.DETAIL)
                .column("Problem", Kind.TEXT);
        for (CatalogueEntry plugin : listing.entries()) {
            for (CatalogueEntry.Version version : plugin.versions()) {
                table.row(
                        plugin.id(),
                        String.join(", ", plugin.kinds()),
                        version.version(),
                        plugin.catalogue(),
                        version.problem().orElse(""));
            }
        }
        print(table);
        listing.problems().forEach(out::println);
    }
}
