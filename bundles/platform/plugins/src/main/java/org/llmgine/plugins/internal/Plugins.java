package org.llmgine.plugins.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.karaf.features.FeaturesService;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.Registration;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.core.spi.CommandDesk;
import org.llmgine.plugins.DisablePlugin;
import org.llmgine.plugins.EnablePlugin;
import org.llmgine.plugins.GetPlugin;
import org.llmgine.plugins.InstallPlugin;
import org.llmgine.plugins.ListPlugins;
import org.llmgine.plugins.RemovePlugin;
import org.llmgine.plugins.SearchCatalogue;
import org.llmgine.plugins.SwitchPlugin;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.metatype.annotations.Designate;

/** Puts the plugin manager together. */
@Component(
        service = {},
        immediate = true,
        configurationPid = PluginsConfig.PID)
@Designate(ocd = PluginsConfig.class)
public final class Plugins {
    private final Switching switching;
    private final Adoption adoption;
    private final DeployFolder deployFolder;
    private final List<Registration> handlers;
    private volatile PluginSettings settings;

    /** Make the framework agree with the ledger, before plugins start. */
    @Activate
    public Plugins(
            BundleContext context,
            PluginsConfig configuration,
            @Reference ActiveVersions pointers,
            @Reference CommandDesk desk,
            @Reference MessageBus bus,
            @Reference ServiceComponentRuntime components,
            @Reference FeaturesService features,
            @Reference DeployWatch watch)
            throws IOException {
        settings = PluginSettings.of(configuration);
        Path folder = Files.createDirectories(data(context).resolve("plugins"));
        Ledger ledger = new Ledger(folder.resolve("plugins.json"));
        Jars jars = new Jars(folder.resolve("jars"));
        Framework framework = new Framework(context);
        Settling settling = new Settling(features);
        new Reconciliation(framework, ledger, jars, pointers).run();
        switching = new Switching(
                framework,
                ledger,
                jars,
                pointers,
                new Readiness(components, pointers, new HealthChecks(context)),
                settling,
                bus,
                () -> settings);
        Generations generations = new Generations();
        Listing listing = new Listing(framework, ledger, jars, pointers, switching, generations);
        Needs needs = new Needs(context);
        Signatures signatures = new Signatures(data(context), () -> settings);
        Catalogues catalogues = new Catalogues(
                Path.of(context.getProperty("karaf.home")), signatures, needs::missingApi, () -> settings);
        Manager manager = new Manager(
                switching,
                ledger,
                jars,
                new JarReader(Runtime.version().feature()),
                needs,
                signatures,
                catalogues,
                listing,
                () -> settings);
        adoption = new Adoption(context, ledger, jars, pointers, switching, settling, framework, generations);
        adoption.open();
        deployFolder = new DeployFolder(manager, switching, ledger, watch);
        deployFolder.open(context, data(context));
        handlers = List.of(
                desk.handle(Principal.VIEWER, ListPlugins.class, command -> listing.entries()),
                desk.handle(Principal.VIEWER, GetPlugin.class, command -> listing.find(command.plugin())),
                desk.handle(Principal.VIEWER, SearchCatalogue.class, command -> catalogues.search(command.query())),
                desk.handle(Principal.OPERATOR, InstallPlugin.class, manager::install),
                desk.handle(Principal.OPERATOR, SwitchPlugin.class, manager::switchTo),
                desk.handle(Principal.OPERATOR, EnablePlugin.class, manager::enable),
                desk.handle(Principal.OPERATOR, DisablePlugin.class, manager::disable),
                desk.handle(Principal.OPERATOR, RemovePlugin.class, manager::remove));
    }

    private static Path data(BundleContext context) {
        String data = context.getProperty("llmgine.data");
        return Path.of(data == null || data.isBlank() ? context.getProperty("karaf.data") : data)
                .toAbsolutePath();
    }

    @Modified
    void modified(PluginsConfig configuration) {
        settings = PluginSettings.of(configuration);
    }

    @Deactivate
    void close() {
        deployFolder.close();
        handlers.forEach(Registration::close);
        adoption.close();
        switching.close();
    }
}
