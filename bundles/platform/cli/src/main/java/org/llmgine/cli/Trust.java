package org.llmgine.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Says whose certificates are trusted, and what is wrong with one that isn't. */
final class Trust {
    private Trust() {}

    /** Trust the authorities of a PEM file and no others. */
    static SSLContext only(Path file) throws HostException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (certificates.isEmpty()) {
                throw new HostException(ExitCode.USAGE, file + " holds no certificate in PEM form.");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : certificates) {
                store.setCertificateEntry(Integer.toString(store.size()), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (NoSuchFileException e) {
            throw new HostException(ExitCode.USAGE, "There is no " + file + " with the authority's certificate.");
        } catch (CertificateException e) {
            throw new HostException(ExitCode.USAGE, file + " holds no certificate in PEM form.");
        } catch (IOException | GeneralSecurityException e) {
            throw new HostException(ExitCode.USAGE, "The certificate in " + file + " can't be read: " + e.getMessage());
        }
    }

    /** Say in a sentence why no secure connection came about. */
    static String explain(URI address, IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = Objects.requireNonNullElse(cause.getMessage(), "").toLowerCase(Locale.ROOT);
            if (cause instanceof CertificateExpiredException) {
                return "The certificate of " + address + " has expired.";
            }
            if (cause instanceof CertificateNotYetValidException) {
                return "The certificate of " + address + " is not valid yet. Is this machine's clock right?";
            }
            if (message.contains("no name matching") || message.contains("no subject alternative")) {
                return "The certificate of " + address + " belongs to another name than " + address.getHost() + ".";
            }
            if (message.contains("certification path") || message.contains("trust anchor")) {
                return "The certificate of " + address + " is not trusted: no known authority signed it. Give that of a"
                        + " private one with --cacert FILE or LLMGINE_CACERT.";
            }
            if (message.contains("unsupported or unrecognized ssl message")) {
                return "The host at " + address + " answers without TLS: is http:// meant?";
            }
        }
        return "No secure connection to " + address + " came about (" + failure.getMessage() + ").";
    }
}
