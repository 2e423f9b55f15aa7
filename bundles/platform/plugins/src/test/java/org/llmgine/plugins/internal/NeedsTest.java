package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleException;

/** What a jar needs of a framework, which isn't changed by the question. */
class NeedsTest {
    @TempDir
    private Path folder;

    private InFramework host;
    private Needs needs;

    @BeforeEach
    void start() throws BundleException {
        host = new InFramework(folder);
        needs = new Needs(host.framework.getBundleContext());
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private PluginJar jar(String header, String value) throws IOException {
        Path file = TestJar.greeter("1.0.0").with(header, value).write(folder.resolve("greeter.jar"));
        return new JarReader(25).read(file, "ab");
    }

    @Test
    void whatIsThereIsEnough() throws IOException {
        PluginJar jar = jar(
                "Import-Package",
                "org.llmgine.api;version=\"[1.0,2)\",org.osgi.framework;version=\"[1.0,2)\","
                        + "no.such;resolution:=optional");

        assertThat(needs.missingApi(jar)).isEmpty();
        assertThat(needs.missingRest(jar)).isEmpty();
        assertThat(needs.conflict(jar)).isEmpty();
        assertThat(host.framework.getBundleContext().getBundles()).hasSize(1);
    }

    @Test
    void anApiOfAnotherVersion() throws IOException {
        PluginJar jar = jar("Import-Package", "org.llmgine.api;version=\"[2.0,3)\"");

        assertThat(needs.missingApi(jar))
                .hasValue("It was built for another api: it needs the package org.llmgine.api in version [2.0.0,3.0.0),"
                        + " and this host has 1.2.0.");
        assertThat(needs.missingApi(jar.api())).isEqualTo(needs.missingApi(jar));
        assertThat(needs.conflict(jar)).isEmpty();
    }

    @Test
    void aPackageOfTheApiThatThereIsNot() throws IOException {
        PluginJar jar = jar("Import-Package", "org.llmgine.api.dream;version=\"[1.0,2)\"");

        assertThat(needs.missingApi(jar))
                .hasValue("It needs the package org.llmgine.api.dream, which this host's api doesn't have.");
        assertThat(needs.missingApi(jar.api())).isEqualTo(needs.missingApi(jar));
    }

    @Test
    void theRangesOfAnApiThatFit() {
        assertThat(needs.missingApi(Map.of("org.llmgine.api", "[1.0,1.3)"))).isEmpty();
        assertThat(needs.missingApi(Map.of())).isEmpty();
        assertThat(needs.missingApi(Map.of("org.llmgine.api", "1.3"))).isPresent();
    }

    @Test
    void aMissingPackage() throws IOException {
        assertThat(needs.missingRest(jar("Import-Package", "com.example.gone;version=\"[1.0,2)\"")))
                .containsExactly("the package com.example.gone in version [1.0.0,2.0.0)");
    }

    @Test
    void aMissingCapabilityAndJava() throws IOException {
        assertThat(needs.missingRest(jar("Require-Capability", "example.gpu;filter:=\"(cores>=8)\"")))
                .containsExactly("the capability example.gpu (cores>=8)");
        assertThat(needs.missingRest(jar("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\"")))
                .singleElement()
                .asString()
                .startsWith("another Java: ");
    }

    @Test
    void nativeCodeForAnotherSystem() throws IOException {
        assertThat(needs.missingRest(jar("Bundle-NativeCode", "lib/a.dll; osname=Plan9; processor=x86")))
                .singleElement()
                .asString()
                .startsWith("native code for another system: this one is " + System.getProperty("os.name"));
    }

    @Test
    void nativeCodeForThisSystem() throws IOException {
        for (String fits : new String[] {
            "lib/a.so; osname=" + System.getProperty("os.name") + "; processor=" + System.getProperty("os.arch"),
            "lib/a.dll; osname=Plan9, lib/b.so; osname=Plan9; osname=\"" + System.getProperty("os.name") + "\"",
            "lib/a.dll; osname=Plan9, *"
        }) {
            assertThat(needs.missingRest(jar("Bundle-NativeCode", fits)))
                    .as(fits)
                    .isEmpty();
        }
    }

    @Test
    void versionsThatDontGoTogether() throws Exception {
        host.install(TestJar.bundle("lib.b.one", "1.0.0")
                .with("Export-Package", "lib.b;version=\"1.0.0\"")
                .write(folder.resolve("b1.jar")));
        host.install(TestJar.bundle("lib.b.two", "2.0.0")
                .with("Export-Package", "lib.b;version=\"2.0.0\"")
                .write(folder.resolve("b2.jar")));
        host.install(TestJar.bundle("lib.a", "1.0.0")
                .with("Import-Package", "lib.b;version=\"[1.0,2)\"")
                .with("Export-Package", "lib.a;version=\"1.0.0\";uses:=\"lib.b\"")
                .write(folder.resolve("a.jar")));

        PluginJar torn = jar("Import-Package", "lib.a,lib.b;version=\"[2.0,3)\"");

        assertThat(needs.missingRest(torn)).isEmpty();
        assertThat(needs.conflict(torn).orElse(""))
                .startsWith("It would see the package lib.b twice, from lib.b.")
                .contains("lib.b.one", "lib.b.two", "Import the version that the others use")
                .doesNotContain("\n");
        assertThat(needs.conflict(jar("Import-Package", "lib.a,lib.b;version=\"[1.0,2)\"")))
                .isEmpty();
    }
}
