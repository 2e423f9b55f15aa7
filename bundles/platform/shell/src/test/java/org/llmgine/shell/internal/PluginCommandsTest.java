package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.llmgine.plugins.CatalogueEntry;
import org.llmgine.plugins.CatalogueListing;
import org.llmgine.plugins.DisablePlugin;
import org.llmgine.plugins.EnablePlugin;
import org.llmgine.plugins.InstallPlugin;
import org.llmgine.plugins.InstallReport;
import org.llmgine.plugins.ListPlugins;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.PluginSource;
import org.llmgine.plugins.PluginStep;
import org.llmgine.plugins.RemovePlugin;
import org.llmgine.plugins.SearchCatalogue;
import org.llmgine.plugins.SwitchPlugin;
import org.llmgine.plugins.VersionEntry;

class PluginCommandsTest {
    private static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");
    private static final PluginEntry GREETER = new PluginEntry(
            "greeter",
            "example.greeter",
            List.of("tool"),
            new PluginEntry.About("", "", "", "", List.of(), List.of(), List.of(), PluginEntry.About.PARALLEL),
            true,
            "1.1.0",
            List.of(
                    version("1.1.0", VersionEntry.ACTIVE, Optional.empty()),
                    version("1.0.0", VersionEntry.FAILED, Optional.of("It broke."))),
            new PluginEntry.Figures(List.of(), 0, List.of(), 1));

    private final Screen screen = new Screen();
    private final FakeHost host = new FakeHost()
            .on(ListPlugins.class, command -> List.of(GREETER))
            .on(InstallPlugin.class, PluginCommandsTest::install)
            .on(SwitchPlugin.class, command -> {
                command.progress().accept(new PluginStep(TIME, "example.greeter", "1.1.0", "ready", "It is ready."));
                return GREETER;
            })
            .on(EnablePlugin.class, command -> GREETER)
            .on(DisablePlugin.class, command -> GREETER)
            .on(RemovePlugin.class, command -> GREETER);

    private static VersionEntry version(String version, String state, Optional<String> problem) {
        return new VersionEntry(version, "ab", "upload", TIME, "ann", state, problem, 0);
    }

    private static InstallReport install(InstallPlugin command) {
        command.progress()
                .accept(new PluginStep(
                        TIME, "", "", "checking", command.source().label() + " is read."));
        return new InstallReport(
                "greeter",
                "example.greeter",
                "1.1.0",
                command.sha256().orElse("ab"),
                List.of(
                        new InstallReport.Check("jar", true, "It is one."),
                        new InstallReport.Check("api", false, "It is old.")),
                Optional.of("1.0.0"),
                !command.dryRun());
    }

    @Test
    void pluginsAreATable() throws Exception {
        screen.show(new PluginsCommand(), host).execute();

        assertThat(screen.text().lines())
                .anySatisfy(line -> assertThat(line).contains("greeter", "tool", "1.1.0", "active"))
                .anySatisfy(line -> assertThat(line).contains("1.0.0", "failed", "It broke."));
    }

    @Test
    void aPluginIsInstalled() throws Exception {
        PluginInstallCommand command = screen.show(new PluginInstallCommand(), host);
        command.jar = "mvn:g/a/1";
        command.execute();
        command.dryRun = true;
        command.execute();

        assertThat(screen.text().lines())
                .containsExactly(
                        "mvn:g/a/1 is read.",
                        "greeter 1.1.0 serves, in place of 1.0.0.",
                        "mvn:g/a/1 is read.",
                        "ok    It is one.",
                        "FAIL  It is old.");
    }

    @Test
    void aFileIsOneWhereTheHostRuns() throws Exception {
        FakeHost files = new FakeHost().on(InstallPlugin.class, command -> {
            assertThat(command.source())
                    .isInstanceOfSatisfying(
                            PluginSource.File.class,
                            file -> assertThat(file.path()).isAbsolute());
            return install(command);
        });
        PluginInstallCommand command = screen.show(new PluginInstallCommand(), files);
        command.jar = "greeter.jar";
        command.sha256 = "cd";
        command.execute();

        assertThat(screen.text()).startsWith("greeter.jar is read.");
    }

    @Test
    void anIdIsLookedUpInTheCatalogues() throws Exception {
        PluginInstallCommand command = screen.show(new PluginInstallCommand(), host);
        command.jar = "greeter";
        command.version = "1.1.0";
        command.execute();
        command.version = "";
        command.execute();

        assertThat(screen.text().lines()).contains("catalogue greeter 1.1.0 is read.", "catalogue greeter is read.");
        command.jar = "greeter.jar";
        command.version = "1.1.0";
        assertThatThrownBy(command::execute).hasMessageContaining("Only an id goes with a version");
    }

    @Test
    void theCataloguesAreATable() throws Exception {
        FakeHost catalogues = new FakeHost()
                .on(
                        SearchCatalogue.class,
                        command -> new CatalogueListing(
                                List.of(new CatalogueEntry(
                                        "LLMgine",
                                        "greeter",
                                        "",
                                        command.query(),
                                        List.of("tool"),
                                        "",
                                        "",
                                        List.of(),
                                        List.of(new CatalogueEntry.Version(
                                                "1.0.0", "ab", Optional.of("It was built for another api."))))),
                                List.of("The catalogue x can't be used.")));
        PluginCatalogueCommand command = screen.show(new PluginCatalogueCommand(), catalogues);
        command.query = "greet";
        command.execute();

        assertThat(screen.text())
                .contains(
                        "greeter", "tool", "1.0.0", "It was built for another api.", "The catalogue x can't be used.");
    }

    @Test
    void itIsRolledBackSwitchedOffAndOnAndRemoved() throws Exception {
        PluginRollbackCommand rollback = screen.show(new PluginRollbackCommand(), host);
        rollback.plugin = "greeter";
        rollback.execute();
        PluginDisableCommand disable = screen.show(new PluginDisableCommand(), host);
        disable.plugin = "greeter";
        disable.execute();
        PluginEnableCommand enable = screen.show(new PluginEnableCommand(), host);
        enable.plugin = "greeter";
        enable.execute();
        PluginRemoveCommand remove = screen.show(new PluginRemoveCommand(), host);
        remove.plugin = "greeter";
        remove.execute();

        assertThat(screen.text().lines())
                .containsExactly(
                        "It is ready.",
                        "greeter 1.1.0 serves.",
                        "greeter 1.1.0 is disabled.",
                        "greeter 1.1.0 serves.",
                        "greeter 1.1.0 is removed.");
    }
}
