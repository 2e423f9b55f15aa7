package org.llmgine.plugins.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Holds the certificates of those who may sign, or of their authorities.
 *
 * @param file where they were read
 */
record TrustStore(Path file, List<X509Certificate> certificates) {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final byte DER_SEQUENCE = 0x30;

    /**
     * Read a PEM or a PKCS12 file.
     *
     * @throws IOException with a sentence that says what is wrong with it
     */
    static TrustStore read(Path file, String password) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            byte[] bytes = Files.readAllBytes(file);
            Collection<? extends Certificate> found = bytes.length > 0 && bytes[0] == DER_SEQUENCE
                    ? ofKeyStore(bytes, password)
                    : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
            for (Certificate certificate : found) {
                if (certificate instanceof X509Certificate x509) {
                    certificates.add(x509);
                }
            }
        } catch (NoSuchFileException e) {
            throw new IOException("There is no trust store " + file + ".", e);
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException(
                    "The trust store " + file + " is no PEM or PKCS12 file that can be read; is its password right?",
                    e);
        }
        if (certificates.isEmpty()) {
            throw new IOException("The trust store " + file + " has no certificate; is its password missing?");
        }
        return new TrustStore(file, List.copyOf(certificates));
    }

    private static List<Certificate> ofKeyStore(byte[] bytes, String password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(bytes), password.isEmpty() ? null : password.toCharArray());
        List<Certificate> certificates = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            certificates.add(store.getCertificate(alias));
        }
        return certificates;
    }

    /** Name a certificate's owner. */
    static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName().replaceAll("\\p{Cntrl}", "?");
    }

    /**
     * Say why a signer isn't trusted, and what would mend it; empty when he is.
     *
     * @param path his certificate first, then those between it and the authority
     */
    Optional<String> problem(List<X509Certificate> path) {
        X509Certificate own = path.getFirst();
        try {
            if (!maySign(own)) {
                return Optional.of("The certificate of its signer " + name(own)
                        + " is not one for signing code. Sign the jar with one that is.");
            }
            int known = path.stream().map(certificates::contains).toList().indexOf(true);
            if (known == 0) {
                own.checkValidity();
            } else {
                validate(known < 0 ? path : path.subList(0, known));
            }
            return Optional.empty();
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return Optional.of(invalid(own));
        } catch (CertPathValidatorException e) {
            boolean untimely = e.getReason() == BasicReason.EXPIRED || e.getReason() == BasicReason.NOT_YET_VALID;
            return Optional.of(untimely && e.getIndex() >= 0 ? invalid(path.get(e.getIndex())) : unknown(own));
        } catch (GeneralSecurityException e) {
            return Optional.of(unknown(own));
        }
    }

    private void validate(List<X509Certificate> path) throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(certificates.stream()
                .map(certificate -> new TrustAnchor(certificate, null))
                .collect(Collectors.toSet()));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    }

    private static String invalid(X509Certificate certificate) {
        return "The certificate of " + name(certificate) + ", by which it is signed, is valid from "
                + certificate.getNotBefore().toInstant() + " to "
                + certificate.getNotAfter().toInstant() + " and not now. Sign the jar again, with one that is.";
    }

    private String unknown(X509Certificate certificate) {
        return "It is signed by " + name(certificate) + ", whom the trust store " + file
                + " doesn't know. If you trust him, add his certificate there.";
    }

    /** A certificate of a server doesn't make its owner an author of plugins. */
    private static boolean maySign(X509Certificate certificate) throws CertificateException {
        List<String> usages = certificate.getExtendedKeyUsage();
        boolean[] basic = certificate.getKeyUsage();
        return (usages == null || usages.contains(CODE_SIGNING) || usages.contains(ANY_USAGE))
                && (basic == null || basic[0]);
    }

    /**
     * Find who signed a text: one whose own certificate is here, and is valid.
     *
     * @param signature as {@code openssl dgst -sha256 -sign} makes it, or {@code openssl pkeyutl -sign -rawin} for Ed25519
     */
    Optional<String> signer(byte[] text, byte[] signature) {
        return certificates.stream()
                .filter(certificate -> isBy(certificate, text, signature))
                .findFirst()
                .map(TrustStore::name);
    }

    private static boolean isBy(X509Certificate certificate, byte[] text, byte[] signature) {
        try {
            certificate.checkValidity();
            PublicKey key = certificate.getPublicKey();
            Signature check = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> key.getAlgorithm();
                    });
            check.initVerify(key);
            check.update(text);
            return maySign(certificate) && check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
