package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.InstallReport.Check;

/** Who signed a jar, and whether he counts. */
class SignaturesTest {
    @TempDir
    private static Path keyFolder;

    private static Keys keys;

    @TempDir
    private Path folder;

    private Path plain;
    private PluginSettings settings = SettingsFixture.settings(PluginSettings.REQUIRE);

    @BeforeAll
    static void makeKeys() throws IOException, InterruptedException {
        keys = new Keys(keyFolder.resolve("keys.p12"))
                .make("authority", "-ext", "bc:c")
                .make("ann", "-signer", "authority")
                .make("bob")
                .make("old", "-startdate", "-40d", "-validity", "30")
                .make("oldchild", "-signer", "authority", "-startdate", "-40d", "-validity", "30")
                .make("server", "-signer", "authority", "-ext", "eku=serverAuth");
    }

    @BeforeEach
    void makeJar() throws Exception {
        plain = TestJar.greeter("1.0.0").write(folder.resolve("greeter.jar"));
        keys.pem(folder.resolve("plugins/trust.pem"), "authority", "old");
    }

    private Check check(Path jar) throws IOException {
        return new Signatures(folder, () -> settings).check(jar, Optional.empty());
    }

    private void refuses(Path jar, String... words) throws IOException {
        Check check = check(jar);
        assertThat(check.passed()).as(check.message()).isFalse();
        assertThat(check.name()).isEqualTo("signature");
        assertThat(check.message()).contains(words);
        assertThat(check.message().lines()).hasSize(1);
    }

    @Test
    void whoseAuthorityIsKnownMaySign() throws Exception {
        Check check = check(keys.sign(plain, "ann"));

        assertThat(check.passed()).as(check.message()).isTrue();
        assertThat(check.message()).isEqualTo("It is signed by CN=ann.");
    }

    @Test
    void whoIsKnownHimselfMaySign() throws Exception {
        keys.pem(folder.resolve("plugins/trust.pem"), "bob");

        assertThat(check(keys.sign(plain, "bob")).message()).isEqualTo("It is signed by CN=bob.");
    }

    @Test
    void oneOfTwoSignersIsEnough() throws Exception {
        Path both = keys.sign(keys.sign(plain, "bob"), "ann");

        assertThat(check(both).message()).isEqualTo("It is signed by CN=ann.");
    }

    @Test
    void aTrustStoreMayBePkcs12() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("one", keys.certificate("authority"));
        try (OutputStream out = Files.newOutputStream(folder.resolve("trust.p12"))) {
            store.store(out, "secret".toCharArray());
        }
        settings = SettingsFixture.settings(PluginSettings.REQUIRE, "trust.p12", "secret");
        assertThat(check(keys.sign(plain, "ann")).passed()).isTrue();
        assertThat(settings.toString()).doesNotContain("secret");

        settings = SettingsFixture.settings(PluginSettings.REQUIRE, "trust.p12", "wrong");
        refuses(keys.sign(plain, "ann"), "trust.p12 is no PEM or PKCS12 file", "password");
        settings = SettingsFixture.settings(PluginSettings.REQUIRE, "trust.p12", "");
        refuses(keys.sign(plain, "ann"), "trust.p12 has no certificate", "password");
    }

    @Test
    void aTrustStoreThatIsMissingOrWrongIsNamed() throws Exception {
        Path signed = keys.sign(plain, "ann");
        Files.writeString(folder.resolve("plugins/trust.pem"), "nothing of the kind");
        refuses(signed, "trust.pem", "Mend 'trustStore' of org.llmgine.plugins");
        Files.delete(folder.resolve("plugins/trust.pem"));
        refuses(signed, "There is no trust store " + folder.resolve("plugins/trust.pem"), "Mend 'trustStore'");
    }

    @Test
    void unsigned() throws Exception {
        refuses(plain, "The jar is not signed.", "Sign it with jarsigner");
    }

    @Test
    void anUnsignedOneIsOnlyNamedWhenWarned() throws Exception {
        settings = SettingsFixture.settings(PluginSettings.WARN);

        Check check = check(plain);

        assertThat(check.passed()).isTrue();
        assertThat(check.message()).startsWith("Warning: The jar is not signed.");
    }

    @Test
    void nobodyLooksWhenOff() throws Exception {
        settings = SettingsFixture.settings(PluginSettings.OFF);

        assertThat(check(plain)).isEqualTo(new Check("signature", true, "Signatures are not looked at."));
    }

    @Test
    void aCatalogueMayVouch() throws Exception {
        Check check = new Signatures(folder, () -> settings).check(plain, Optional.of("The catalogue X"));

        assertThat(check.passed()).isTrue();
        assertThat(check.message()).isEqualTo("The catalogue X vouches for its SHA-256.");
    }

    @Test
    void aStranger() throws Exception {
        refuses(keys.sign(plain, "bob"), "signed by CN=bob, whom the trust store", "add his certificate");
    }

    @Test
    void aCertificateThatHasExpired() throws Exception {
        refuses(keys.sign(plain, "old"), "The certificate of CN=old", "not now", "Sign the jar again");
        refuses(keys.sign(plain, "oldchild"), "The certificate of CN=oldchild", "not now", "Sign the jar again");
    }

    @Test
    void aServersCertificateIsNotForPlugins() throws Exception {
        refuses(keys.sign(plain, "server"), "CN=server is not one for signing code", "one that is");
    }

    @Test
    void anEntryThatWasAddedLater() throws Exception {
        refuses(
                rewritten(keys.sign(plain, "ann"), Map.of("example/added.txt", old -> "new")),
                "no signature that counts covers 'example/added.txt'",
                "Sign it again");
    }

    @Test
    void anEntryThatWasTakenOut() throws Exception {
        refuses(
                rewritten(keys.sign(plain, "ann"), Map.of("example/note.txt", old -> "")),
                "'example/note.txt' was signed and is missing",
                "Get the jar again");
    }

    @Test
    void twoWhoEachSignedAPart() throws Exception {
        Path first = keys.sign(plain, "ann");
        Path second = keys.sign(rewritten(first, Map.of("example/added.txt", old -> "new")), "bob");
        keys.pem(folder.resolve("plugins/trust.pem"), "bob");
        assertThat(check(second).message()).isEqualTo("It is signed by CN=bob.");

        keys.pem(folder.resolve("plugins/trust.pem"), "authority");
        refuses(second, "signed by CN=bob, whom the trust store");
    }

    @Test
    void whatWasChangedIsRefusedByTheReader() throws Exception {
        Path changed = rewritten(keys.sign(plain, "ann"), Map.of("example/note.txt", old -> "tampered"));

        LlmgineException refusal =
                catchThrowableOfType(LlmgineException.class, () -> new JarReader(25).read(changed, "ab"));

        assertThat(refusal).hasMessageContaining("was changed after it was signed");
        assertThat(refusal.hint().orElse("")).contains("Get it again");
    }

    @Test
    void aManifestThatWasChangedIsRefusedByTheReader() throws Exception {
        Path changed = rewritten(
                keys.sign(plain, "ann"),
                Map.of(JarFile.MANIFEST_NAME, old -> old.replace("Bundle-Version: 1.0.0", "Bundle-Version: 9.0.0")));

        assertThat(catchThrowable(() -> new JarReader(25).read(changed, "ab")))
                .hasMessageContaining("was changed after it was signed");
    }

    @Test
    void aSignatureOfAnAlgorithmThatNobodyTrustsIsNone() throws IOException, GeneralSecurityException {
        Path jar = folder.resolve("weak.jar");
        Manifest manifest = new Manifest();
        try (JarFile in = new JarFile(plain.toFile())) {
            manifest.getMainAttributes().putAll(in.getManifest().getMainAttributes());
        }
        Attributes sum = new Attributes();
        sum.putValue("MD5-Digest", "XrY7u+Ae7tCTyyK7j1rNww==");
        manifest.getEntries().put("example/note.txt", sum);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(JarFile.MANIFEST_NAME));
            manifest.write(zip);
            zip.putNextEntry(new ZipEntry("META-INF/WEAK.SF"));
            zip.write("Signature-Version: 1.0\n\n".getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("example/note.txt"));
            zip.write("hello".getBytes(StandardCharsets.UTF_8));
        }

        refuses(jar, "no signature that counts covers 'example/note.txt'", "today's algorithms");
    }

    /** Copy a jar and change entries; an empty text takes one out. */
    private Path rewritten(Path jar, Map<String, Function<String, String>> changes) throws IOException {
        Path copy = Files.createTempFile(folder, "rewritten", ".jar");
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(copy))) {
            Map<String, Function<String, String>> left = new HashMap<>(changes);
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                Function<String, String> change = left.remove(entry.getName());
                if (change != null) {
                    content = change.apply(new String(content, StandardCharsets.UTF_8))
                            .getBytes(StandardCharsets.UTF_8);
                }
                if (change == null || content.length > 0) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    out.write(content);
                }
            }
            for (Map.Entry<String, Function<String, String>> added : left.entrySet()) {
                out.putNextEntry(new ZipEntry(added.getKey()));
                out.write(added.getValue().apply("").getBytes(StandardCharsets.UTF_8));
            }
        }
        return copy;
    }
}
