package org.llmgine.plugins.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Has File Install look into the deploy folder, and only while there is somebody who takes plugins. At a start it is there long
 * before the plugin manager; what it found then it would start as mere bundles, unchecked.
 */
@Component(service = DeployWatch.class, immediate = true)
public final class DeployWatch {
    private static final String FACTORY = "org.apache.felix.fileinstall";
    private static final String NAME = "llmgine";

    private final ConfigurationAdmin configurations;

    /** End what a host that was killed has left behind, before File Install begins to look at start level 80. */
    @Activate
    public DeployWatch(@Reference ConfigurationAdmin configurations) throws IOException {
        this.configurations = configurations;
        end();
    }

    void begin(Path data) throws IOException {
        configurations
                .getFactoryConfiguration(FACTORY, NAME, "?")
                .update(FrameworkUtil.asDictionary(Map.of(
                        "felix.fileinstall.dir", data.resolve("deploy").toString(),
                        "felix.fileinstall.tmpdir",
                                data.resolve("generated-bundles").toString(),
                        "felix.fileinstall.poll", "1000",
                        "felix.fileinstall.start.level", "80",
                        "felix.fileinstall.active.level", "80",
                        "felix.fileinstall.log.level", "2")));
    }

    void end() throws IOException {
        Configuration[] left;
        try {
            left = configurations.listConfigurations("(service.pid=" + FACTORY + "~" + NAME + ")");
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        if (left != null) {
            for (Configuration configuration : left) {
                configuration.delete();
            }
        }
    }
}
