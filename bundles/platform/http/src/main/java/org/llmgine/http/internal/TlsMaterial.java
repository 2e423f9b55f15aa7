package org.llmgine.http.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A certificate with its chain and its key, which belong together. */
final class TlsMaterial {
    /** The variable of the password of key or key store. */
    static final String PASSWORD = "LLMGINE_TLS_PASSWORD";

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([^-]*?)\\s*-----END \\1-----", Pattern.DOTALL);
    /** Begins a key that is encrypted as PKCS8 has it not; its dashes keep it from being a block. */
    private static final String LEGACY = "Proc-Type:";

    private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";
    private static final String PKCS8 = "PRIVATE KEY";
    private static final List<String> KEYS = List.of(PKCS8, ENCRYPTED, "RSA PRIVATE KEY", "EC PRIVATE KEY");
    private static final int DNS_NAME = 2;

    private static final byte SEQUENCE = 0x30;
    private static final byte OCTETS = 0x04;
    private static final byte[] VERSION = {0x02, 0x01, 0x00};

    private final X509Certificate[] chain;
    private final PrivateKey key;

    private TlsMaterial(Path file, X509Certificate[] chain, Path keyFile, PrivateKey key) throws TlsProblem {
        this.chain = chain;
        this.key = key;
        if (belongs(key, chain[0].getPublicKey())) {
            return;
        }
        for (X509Certificate other : chain) {
            if (belongs(key, other.getPublicKey())) {
                throw new TlsProblem("The key in " + keyFile + " belongs to a later certificate in " + file
                        + "; its own must come first.");
            }
        }
        throw new TlsProblem("The key in " + keyFile + " does not belong to the certificate in " + file + ".");
    }

    /** Read PEM files; a key may be in PKCS8, encrypted or not, in PKCS1 or in SEC1. */
    static TlsMaterial ofPem(Path file, String text, Path keyFile, String keyText, char[] password) throws TlsProblem {
        List<X509Certificate> chain = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            if (block.group(1).equals("CERTIFICATE")) {
                chain.add(certificate(file, chain.size() + 1, decoded(file, block.group(2))));
            }
        }
        if (chain.isEmpty()) {
            throw new TlsProblem("There is no PEM certificate (-----BEGIN CERTIFICATE-----) in " + file + ".");
        }
        for (Matcher block = BLOCK.matcher(keyText); block.find(); ) {
            if (KEYS.contains(block.group(1))) {
                byte[] der = decoded(keyFile, block.group(2));
                PublicKey partner = chain.getFirst().getPublicKey();
                PrivateKey key = key(keyFile, block.group(1), der, file, partner, password);
                return new TlsMaterial(file, chain.toArray(X509Certificate[]::new), keyFile, key);
            }
        }
        if (keyText.contains(LEGACY)) {
            throw unknownEncryption(keyFile);
        }
        throw new TlsProblem("There is no PEM private key (-----BEGIN PRIVATE KEY-----) in " + keyFile + ".");
    }

    /** Read a PKCS12 file. */
    static TlsMaterial ofKeyStore(Path file, byte[] bytes, char[] password) throws TlsProblem {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), password);
            for (String alias : Collections.list(store.aliases())) {
                Certificate[] chain = store.getCertificateChain(alias);
                if (chain != null && store.getKey(alias, password) instanceof PrivateKey key) {
                    return new TlsMaterial(
                            file, Arrays.copyOf(chain, chain.length, X509Certificate[].class), file, key);
                }
            }
            throw new TlsProblem("There is no private key with a certificate in " + file + ".");
        } catch (IOException | GeneralSecurityException e) {
            if (e instanceof UnrecoverableKeyException || e.getCause() instanceof UnrecoverableKeyException) {
                throw wrongPassword("key store", file, password);
            }
            throw new TlsProblem(file + " is no readable PKCS12 file.");
        }
    }

    /** Make a context that shows the certificate. */
    SSLContext context() {
        return context(this);
    }

    /** Make a context without a certificate: every handshake fails. */
    static SSLContext emptyContext() {
        return context(null);
    }

    private static SSLContext context(@Nullable TlsMaterial material) {
        try {
            char[] internal = {};
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            if (material != null) {
                store.setKeyEntry("host", material.key, internal, material.chain);
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, internal);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no usable TLS.", e);
        }
    }

    /** Say what a client will complain about though it works. */
    Optional<String> warning(Instant now) {
        Instant from = chain[0].getNotBefore().toInstant();
        Instant to = chain[0].getNotAfter().toInstant();
        if (now.isAfter(to)) {
            return Optional.of("The certificate has expired at " + to + ".");
        }
        return now.isBefore(from) ? Optional.of("The certificate is not valid before " + from + ".") : Optional.empty();
    }

    /** Return the first name of a host that the certificate is for. */
    Optional<String> hostName() {
        try {
            var names = chain[0].getSubjectAlternativeNames();
            return names == null
                    ? Optional.empty()
                    : names.stream()
                            .filter(name -> name.getFirst() instanceof Integer type && type == DNS_NAME)
                            .map(name -> name.get(1).toString())
                            .filter(name -> !name.startsWith("*"))
                            .findFirst();
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }

    /** Whose certificate it is and how long. */
    @Override
    public String toString() {
        return chain[0].getSubjectX500Principal().getName() + ", valid until "
                + chain[0].getNotAfter().toInstant();
    }

    private static byte[] decoded(Path file, String base64) throws TlsProblem {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new TlsProblem(file + " is damaged: its Base64 is not whole.");
        }
    }

    private static X509Certificate certificate(Path file, int number, byte[] der) throws TlsProblem {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new TlsProblem("The certificate no. " + number + " in " + file + " is damaged.");
        }
    }

    private static PrivateKey key(
            Path file, String form, byte[] der, Path certificateFile, PublicKey partner, char[] password)
            throws TlsProblem {
        PKCS8EncodedKeySpec spec = switch (form) {
            case PKCS8 -> new PKCS8EncodedKeySpec(der);
            case ENCRYPTED -> decrypted(file, der, password);
            // PKCS1 and SEC1 are what PKCS8 wraps; of which kind the key is, its certificate tells.
            default ->
                new PKCS8EncodedKeySpec(
                        tagged(SEQUENCE, VERSION, algorithm(partner.getEncoded()), tagged(OCTETS, der)));
        };
        try {
            return KeyFactory.getInstance(partner.getAlgorithm()).generatePrivate(spec);
        } catch (InvalidKeySpecException e) {
            // Of another kind than the certificate's, or damaged.
            throw new TlsProblem("The key in " + file + " does not belong to the certificate in " + certificateFile
                    + ", whose key is of the kind " + partner.getAlgorithm() + ", or it is damaged.");
        } catch (NoSuchAlgorithmException e) {
            throw new TlsProblem("Java knows no keys of the kind " + partner.getAlgorithm() + " (" + file + ").");
        }
    }

    private static PKCS8EncodedKeySpec decrypted(Path file, byte[] der, char[] password) throws TlsProblem {
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            AlgorithmParameters parameters = info.getAlgParameters();
            if (parameters == null) {
                throw unknownEncryption(file);
            }
            // The parameters of PBES2 name key derivation and cipher; older schemes are named by the info itself.
            String algorithm = parameters.getAlgorithm().equals("PBES2") ? parameters.toString() : info.getAlgName();
            if (password.length == 0) {
                throw wrongPassword("key", file, password);
            }
            SecretKey secret = SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password));
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, secret, parameters);
            return info.getKeySpec(cipher);
        } catch (InvalidKeySpecException | InvalidKeyException e) {
            throw wrongPassword("key", file, password);
        } catch (IOException | GeneralSecurityException e) {
            throw unknownEncryption(file);
        }
    }

    private static TlsProblem unknownEncryption(Path file) {
        return new TlsProblem("The key in " + file + " is encrypted in a way that Java doesn't know; convert it:"
                + " openssl pkcs8 -topk8 -v2 aes256 -in OLD -out NEW");
    }

    private static TlsProblem wrongPassword(String what, Path file, char[] password) {
        return new TlsProblem(
                password.length == 0
                        ? "The " + what + " in " + file + " is encrypted and " + PASSWORD + " is not set."
                        : "The password in " + PASSWORD + " does not open the " + what + " in " + file + ".");
    }

    /** Tell whether what one key signs the other verifies. */
    private static boolean belongs(PrivateKey key, PublicKey partner) {
        if (key instanceof RSAKey mine) {
            return partner instanceof RSAKey theirs && mine.getModulus().equals(theirs.getModulus());
        }
        try {
            byte[] sample = {1, 2, 3};
            Signature signature = Signature.getInstance(signatureOf(key));
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(partner);
            signature.update(sample);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String signatureOf(Key key) {
        return key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : key.getAlgorithm();
    }

    /** Return the first element of a public key's outer sequence, which says what kind of key it is. */
    private static byte[] algorithm(byte[] publicKey) {
        int begin = headerLength(publicKey, 0);
        int length = headerLength(publicKey, begin) + contentLength(publicKey, begin);
        byte[] algorithm = new byte[length];
        System.arraycopy(publicKey, begin, algorithm, 0, length);
        return algorithm;
    }

    private static int headerLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first < 0x80 ? 2 : 2 + (first & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return length;
    }

    /** Encode in DER. */
    private static byte[] tagged(byte tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] size = size(length);
        byte[] whole = new byte[1 + size.length + length];
        whole[0] = tag;
        System.arraycopy(size, 0, whole, 1, size.length);
        int at = 1 + size.length;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    private static byte[] size(int length) {
        if (length < 0x80) {
            return new byte[] {(byte) length};
        }
        if (length < 0x100) {
            return new byte[] {(byte) 0x81, (byte) length};
        }
        return new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length};
    }
}
