package org.llmgine.shell.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.InstallPlugin;
import org.llmgine.plugins.InstallReport;
import org.llmgine.plugins.PluginSource;

/** Installs a plugin, or another version of one. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugin-install",
        description = "Install a plugin, or another version of one.",
        detailedDescription = "For operators. It serves when this returns; calls in flight end on the former version.")
public final class PluginInstallCommand extends HostCommand {
    @Argument(
            name = "jar",
            description = "A file where the host runs, or an address: http:, https:, file: or mvn:.",
            required = true)
    String jar = "";

    @Option(name = "--dry-run", description = "Do no more than the checks.")
    boolean dryRun;

    @Option(name = "--sha256", description = "What the jar's SHA-256 must be.")
    String sha256 = "";

    @Override
    void run(Principal principal) {
        PluginSource source = jar.matches("(https?|file|mvn):.*")
                ? new PluginSource.Address(jar)
                : new PluginSource.File(Path.of(jar).toAbsolutePath(), jar);
        InstallReport report = commands.execute(new InstallPlugin(
                principal,
                source,
                Optional.of(sha256).filter(text -> !text.isEmpty()),
                dryRun,
                step -> out.println(step.message())));
        if (dryRun) {
            report.checks().forEach(check -> out.println((check.passed() ? "ok    " : "FAIL  ") + check.message()));
        } else {
            out.println(report.id() + " " + report.version() + " serves"
                    + report.replaced().map(former -> ", in place of " + former).orElse("") + ".");
        }
    }
}
