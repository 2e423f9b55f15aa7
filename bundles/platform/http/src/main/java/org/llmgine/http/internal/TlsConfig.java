package org.llmgine.http.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The settings of {@value TlsListener#PID}. The password of key or key store is no setting, but a variable. */
@ObjectClassDefinition(
        name = "HTTPS",
        description =
                "The HTTPS listener beside the plain one. The files are read again when they or these settings change,"
                        + " and open streams go on; another port or host needs a restart.")
@interface TlsConfig {
    @AttributeDefinition(
            name = "Port",
            description = "The port of HTTPS; 0 for none. A change needs a restart.",
            min = "0",
            max = "65535")
    int port() default 0;

    @AttributeDefinition(
            name = "Host",
            description = "The address that HTTPS listens on; empty for all. A change needs a restart.",
            required = false)
    String host() default "";

    @AttributeDefinition(
            name = "Certificate",
            description = "The PEM file of the certificate and those between it and the authority, in this order.",
            required = false)
    String certificate() default "";

    @AttributeDefinition(
            name = "Key",
            description = "The PEM file of the private key; empty when it is in the certificate's file.",
            required = false)
    String key() default "";

    @AttributeDefinition(
            name = "Key store",
            description = "A PKCS12 file with certificate and key, in place of the two PEM files.",
            required = false)
    String keystore() default "";
}
