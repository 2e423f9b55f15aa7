package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;

/** Keys with certificates, made by the JDK's keytool in one key store, and what is signed with them. */
final class Keys {
    static final String PASSWORD = "changeit";

    private final Path file;

    Keys(Path file) {
        this.file = file;
    }

    /** Make a key whose certificate has that alias and name; further options are keytool's. */
    Keys make(String alias, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString()));
        if (!List.of(options).contains("-keyalg")) {
            command.addAll(List.of("-keyalg", "EC"));
        }
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException(said);
        }
        return this;
    }

    private KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    X509Certificate certificate(String alias) throws IOException, GeneralSecurityException {
        return (X509Certificate) store().getCertificate(alias);
    }

    PrivateKey key(String alias) throws IOException, GeneralSecurityException {
        return (PrivateKey) store().getKey(alias, PASSWORD.toCharArray());
    }

    List<X509Certificate> chain(String alias) throws IOException, GeneralSecurityException {
        return Arrays.stream(store().getCertificateChain(alias))
                .map(X509Certificate.class::cast)
                .toList();
    }

    /** Write certificates as PEM, with a remark as people have them. */
    void pem(Path pem, String... aliases) throws IOException, GeneralSecurityException {
        StringBuilder text = new StringBuilder("Who may sign:\n");
        for (String alias : aliases) {
            text.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder()
                            .encodeToString(certificate(alias).getEncoded()))
                    .append("\n-----END CERTIFICATE-----\n\n");
        }
        Files.createDirectories(pem.getParent());
        Files.writeString(pem, text);
    }

    /** Sign a jar as jarsigner does. */
    Path sign(Path jar, String alias) throws IOException, GeneralSecurityException {
        Path signed = jar.resolveSibling(alias + "-" + jar.getFileName());
        JarSigner signer = new JarSigner.Builder(
                        key(alias), CertificateFactory.getInstance("X.509").generateCertPath(chain(alias)))
                .signerName(alias.length() > 8 ? alias.substring(0, 8) : alias)
                .build();
        try (ZipFile in = new ZipFile(jar.toFile());
                OutputStream out = Files.newOutputStream(signed)) {
            signer.sign(in, out);
        }
        return signed;
    }
}
