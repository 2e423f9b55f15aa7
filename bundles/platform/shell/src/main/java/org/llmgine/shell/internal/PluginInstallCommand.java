package org.llmgine.shell.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
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
            description =
                    "A file where the host runs, an address (http:, https:, file: or mvn:), or the id of a plugin that a"
                            + " catalogue offers.",
            required = true)
    String jar = "";

    @Argument(
            index = 1,
            name = "version",
            description = "With an id: which version; without it, the newest that fits this host.")
    String version = "";

    @Option(name = "--dry-run", description = "Do no more than the checks.")
    boolean dryRun;

    @Option(name = "--sha256", description = "What the jar's SHA-256 must be.")
    String sha256 = "";

    @Override
    void run(Principal principal) {
        InstallReport report = commands.execute(new InstallPlugin(
                principal,
                source(),
                Optional.empty(),
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

    private PluginSource source() {
        Optional<String> wanted = Optional.of(version).filter(text -> !text.isEmpty());
        Path file = Path.of(jar).toAbsolutePath();
        if (jar.matches("[a-z0-9][a-z0-9-]{0,63}") && !Files.exists(file)) {
            return new PluginSource.Catalogue(jar, wanted);
        }
        if (wanted.isPresent()) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST, "Only an id goes with a version, and " + jar + " is none.")
                    .withField("version");
        }
        return jar.matches("(https?|file|mvn):.*") ? new PluginSource.Address(jar) : new PluginSource.File(file, jar);
    }
}
