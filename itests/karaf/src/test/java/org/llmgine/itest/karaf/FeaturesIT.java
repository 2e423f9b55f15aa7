package org.llmgine.itest.karaf;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemTimeout;
import static org.ops4j.pax.exam.CoreOptions.vmOptions;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureConsole;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.karafDistributionConfiguration;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.apache.karaf.features.FeaturesService;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleRevision;

@RunWith(PaxExam.class)
public class FeaturesIT {
    private static final String CLOCK = "org.llmgine.tool.clock";

    @Inject
    private BundleContext context;

    @Inject
    private FeaturesService features;

    @Configuration
    public Option[] distribution() {
        return options(
                karafDistributionConfiguration()
                        .frameworkUrl("file:" + System.getProperty("org.llmgine.distribution"))
                        .name("LLMgine")
                        .unpackDirectory(new File("target/exam"))
                        .useDeployFolder(false),
                configureConsole().ignoreLocalConsole().ignoreRemoteShell(),
                systemTimeout(300_000),
                editConfigurationFilePut("etc/org.apache.karaf.features.cfg", "featuresBootAsynchronous", "true"),
                vmOptions(
                        "-javaagent:lib/llmgine-launcher.jar",
                        "-Dkaraf.startRemoteShell=false",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/java.net=ALL-UNNAMED",
                        "--add-opens=java.base/java.security=ALL-UNNAMED",
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "-classpath",
                        "lib/jdk9plus/*" + File.pathSeparator + "lib/boot/*"));
    }

    @Test
    public void aPluginsFeatureComesAndGoesAndNothingElseIsRefreshed() throws Exception {
        Map<Long, BundleRevision> before = others();

        features.uninstallFeature("llmgine-tool-clock");
        assertEquals(List.of(), states());
        features.installFeature("llmgine-tool-clock");

        assertEquals(List.of(Bundle.ACTIVE), states());
        assertEquals(before, others());
    }

    /** Return the states of the feature's bundle: none or one. */
    private List<Integer> states() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> CLOCK.equals(bundle.getSymbolicName()))
                .map(Bundle::getState)
                .toList();
    }

    /** Return the bundles that are none of the feature, with what a refresh would replace. */
    private Map<Long, BundleRevision> others() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> !CLOCK.equals(bundle.getSymbolicName()))
                .collect(Collectors.toMap(Bundle::getBundleId, bundle -> bundle.adapt(BundleRevision.class)));
    }
}
