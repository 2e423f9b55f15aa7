package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsMaterialTest {
    private static final String SECRET = "secret";

    @TempDir
    private Path folder;

    static Path file(String name) {
        try {
            return Path.of(TlsMaterialTest.class.getResource("tls/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static TlsMaterial material(Path certificate, Path key, String password) throws TlsProblem {
        return new TlsFiles(certificate, key, certificate.toString().endsWith(".p12"))
                .read()
                .material(password.toCharArray());
    }

    private static TlsMaterial material(String certificate, String key, String password) throws TlsProblem {
        return material(file(certificate), file(key), password);
    }

    @ParameterizedTest
    @CsvSource({
        "rsa.pem, rsa-key.pem",
        "rsa.pem, rsa-pkcs1-key.pem",
        "rsa.pem, rsa-encrypted-key.pem",
        "rsa.pem, rsa-pbes1-key.pem",
        "ec.pem, ec-key.pem",
        "ec.pem, ec-sec1-key.pem",
        "ed.pem, ed-key.pem",
        "both.pem, both.pem",
        "chain.pem, signed-key.pem",
        "rsa.p12, rsa.p12",
    })
    void everyCommonFormIsRead(String certificate, String key) throws TlsProblem {
        TlsMaterial material = material(certificate, key, SECRET);

        assertThat(material.context().getProtocol()).isEqualTo("TLS");
        assertThat(material.toString()).startsWith("CN=").contains(", valid until 21");
        assertThat(material.warning(Instant.now())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rsa.pem|other-key.pem|The key in KEY does not belong to the certificate in CERTIFICATE.",
                "ec.pem|rsa-key.pem|The key in KEY does not belong to the certificate in CERTIFICATE, whose key is of the kind EC,"
                        + " or it is damaged.",
                "ec.pem|expired.pem|The key in KEY does not belong to the certificate in CERTIFICATE.",
                "reversed.pem|signed-key.pem|The key in KEY belongs to a later certificate in CERTIFICATE; its own must come first.",
                "rsa-key.pem|rsa-key.pem|There is no PEM certificate (-----BEGIN CERTIFICATE-----) in CERTIFICATE.",
                "rsa.pem|rsa.pem|There is no PEM private key (-----BEGIN PRIVATE KEY-----) in KEY.",
                "rsa.pem|rsa-encrypted-key.pem|The password in LLMGINE_TLS_PASSWORD does not open the key in KEY.",
                "rsa.pem|rsa-pbes1-key.pem|The password in LLMGINE_TLS_PASSWORD does not open the key in KEY.",
                "rsa.p12|rsa.p12|The password in LLMGINE_TLS_PASSWORD does not open the key store in KEY.",
                "rsa.pem|rsa-legacy-key.pem|The key in KEY is encrypted in a way that Java doesn't know; convert it: openssl"
                        + " pkcs8 -topk8 -v2 aes256 -in OLD -out NEW",
                "rsa.pem|rsa-scrypt-key.pem|The key in KEY is encrypted in a way that Java doesn't know; convert it: openssl"
                        + " pkcs8 -topk8 -v2 aes256 -in OLD -out NEW",
            })
    void whatIsWrongIsSaidWithTheFile(String certificate, String key, String sentence) {
        assertThatExceptionOfType(TlsProblem.class)
                .isThrownBy(() -> material(certificate, key, "wrong"))
                .withMessage(sentence.replace("KEY ", file(key) + " ")
                        .replace("KEY.", file(key) + ".")
                        .replace("CERTIFICATE;", file(certificate) + ";")
                        .replace("CERTIFICATE,", file(certificate) + ",")
                        .replace("CERTIFICATE.", file(certificate) + "."));
    }

    @Test
    void aPasswordThatIsNotSetIsAskedFor() {
        for (String key : new String[] {"rsa-encrypted-key.pem", "rsa-pbes1-key.pem"}) {
            assertThatExceptionOfType(TlsProblem.class)
                    .isThrownBy(() -> material("rsa.pem", key, ""))
                    .withMessage("The key in " + file(key) + " is encrypted and LLMGINE_TLS_PASSWORD is not set.");
        }
        assertThatExceptionOfType(TlsProblem.class)
                .isThrownBy(() -> material("rsa.p12", "rsa.p12", ""))
                .withMessageContaining("LLMGINE_TLS_PASSWORD is not set");
    }

    @Test
    void filesThatAreNotThereOrDamagedAreNamed() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.p12"));
        Path cut = cut("rsa.pem", "cut.pem");
        Path cutKey = cut("rsa-encrypted-key.pem", "cut-key.pem");
        Path large = Files.write(folder.resolve("large.pem"), new byte[1024 * 1024 + 1]);
        Path odd = Files.writeString(
                folder.resolve("odd.pem"), "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n");

        assertProblem(empty, empty, empty + " is no readable PKCS12 file.");
        assertProblem(file("nokey.p12"), file("nokey.p12"), "no private key with a certificate in");
        assertProblem(cut, file("rsa-key.pem"), "The certificate no. 1 in " + cut + " is damaged.");
        assertProblem(file("rsa.pem"), cutKey, cutKey + " is encrypted in a way");
        assertProblem(large, large, large + " is too large for a certificate or a key.");
        assertProblem(odd, odd, odd + " is damaged: its Base64 is not whole.");
        assertProblem(folder, folder, folder + " can't be read: ");
        Path none = folder.resolve("none.pem");
        assertProblem(file("rsa.pem"), none, "There is no file " + none + ".");
    }

    @Test
    void aCertificateOutOfItsTimeIsUsedWithAWarning() throws TlsProblem {
        assertThat(material("expired.pem", "expired.pem", "").warning(Instant.now()))
                .hasValueSatisfying(text -> assertThat(text).contains("has expired at 2020-01-"));
        assertThat(material("future.pem", "future.pem", "").warning(Instant.now()))
                .hasValueSatisfying(text -> assertThat(text).contains("is not valid before 20"));
    }

    @Test
    void theFirstWholeNameIsTheHosts() throws TlsProblem {
        assertThat(material("rsa.pem", "rsa-key.pem", "").hostName()).hasValue("rsa.test");
        assertThat(material("chain.pem", "signed-key.pem", "").hostName()).isEmpty();
    }

    @Test
    void theSettingsNameTheFiles() {
        Map<String, Object> settings = new HashMap<>(Map.of("certificate", " a.pem ", "key", "b.pem"));
        assertThat(TlsFiles.of(Host.tls(settings)))
                .isEqualTo(new TlsFiles(
                        Path.of("a.pem").toAbsolutePath(), Path.of("b.pem").toAbsolutePath(), false));
        settings.put("key", "");
        assertThat(TlsFiles.of(Host.tls(settings)).key()).hasFileName("a.pem");
        settings.put("keystore", "c.p12");
        assertThat(TlsFiles.of(Host.tls(settings)))
                .isEqualTo(new TlsFiles(
                        Path.of("c.p12").toAbsolutePath(), Path.of("c.p12").toAbsolutePath(), true));
        assertThatExceptionOfType(TlsProblem.class)
                .isThrownBy(() -> TlsFiles.of(Host.tls(Map.of())).read().material(new char[0]))
                .withMessageContaining("set LLMGINE_TLS_CERTIFICATE");
        assertThat(TlsFiles.of(Host.tls(Map.of("certificate", file("both.pem").toString())))
                        .read()
                        .toString())
                .doesNotContain("BEGIN");
    }

    private void assertProblem(Path certificate, Path key, String part) {
        assertThatExceptionOfType(TlsProblem.class)
                .isThrownBy(() -> material(certificate, key, SECRET))
                .withMessageContaining(part);
    }

    /** Keep the first half of what a PEM file's block holds. */
    private Path cut(String name, String as) throws IOException {
        String[] lines = Files.readString(file(name), StandardCharsets.US_ASCII).split("\n");
        StringBuilder body = new StringBuilder();
        for (int i = 1; i < lines.length - 1; i++) {
            body.append(lines[i]);
        }
        byte[] der = Base64.getDecoder().decode(body.toString());
        String half = Base64.getMimeEncoder().encodeToString(java.util.Arrays.copyOf(der, der.length / 2));
        return Files.writeString(folder.resolve(as), lines[0] + "\n" + half + "\n" + lines[lines.length - 1] + "\n");
    }
}
