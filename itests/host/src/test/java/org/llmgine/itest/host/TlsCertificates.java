package org.llmgine.itest.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Base64;

/** Self-signed certificates for {@code localhost} and 127.0.0.1, made by the JDK's keytool and laid down in PEM. */
final class TlsCertificates {
    private static final char[] PASSWORD = "keystore-password".toCharArray();

    private final Path folder;

    TlsCertificates(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    Path certificate() {
        return folder.resolve("certificate.pem");
    }

    Path key() {
        return folder.resolve("key.pem");
    }

    /** Make a certificate of that name with a key of its own. */
    KeyStore make(String name) throws IOException, InterruptedException, GeneralSecurityException {
        Path file = folder.resolve(name + ".p12");
        Files.deleteIfExists(file);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "host",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    /** Lay the certificate of one down with the key of another. */
    void lay(KeyStore certificate, KeyStore key) throws IOException, GeneralSecurityException {
        replace(certificate(), "CERTIFICATE", certificateOf(certificate).getEncoded());
        replace(key(), "PRIVATE KEY", keyOf(key).getEncoded());
    }

    static Certificate certificateOf(KeyStore store) throws GeneralSecurityException {
        return store.getCertificate("host");
    }

    static PrivateKey keyOf(KeyStore store) throws GeneralSecurityException {
        return (PrivateKey) store.getKey("host", PASSWORD);
    }

    private static void replace(Path file, String type, byte[] der) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(
                fresh,
                "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                        + "-----\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
