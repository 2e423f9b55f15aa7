package org.llmgine.http.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The settings of {@value HttpSettings#PID}; a change holds for requests that begin after it. */
@ObjectClassDefinition(name = "HTTP API", description = "Limits and times of the HTTP API; host and port are not here.")
@interface HttpConfig {
    @AttributeDefinition(
            name = "Heartbeat",
            description = "Milliseconds of silence after which an event stream gets a ping.",
            min = "100",
            max = "600000")
    int heartbeatMs() default 5000;

    @AttributeDefinition(name = "Largest body", description = "Bytes that a request's body may have.", min = "1024")
    long maxBodyBytes() default 10L * 1024 * 1024;

    @AttributeDefinition(
            name = "Largest backup",
            description = "Bytes that a backup may have which an admin restores.",
            min = "1024")
    long maxRestoreBytes() default 4L * 1024 * 1024 * 1024;

    @AttributeDefinition(
            description =
                    "Bytes that a plugin's jar may have which an operator installs; maxJarBytes of org.llmgine.plugins also counts.",
            min = "1000")
    long maxPluginBytes() default 256L * 1024 * 1024;

    @AttributeDefinition(
            name = "Head deadline",
            description =
                    "Milliseconds within which a request's head, or a TLS handshake, must have come, counted in seconds.",
            min = "1000")
    int headTimeoutMs() default 10_000;

    @AttributeDefinition(
            name = "Body deadline",
            description = "Milliseconds within which a request's whole body must have come.",
            min = "100")
    int bodyTimeoutMs() default 30_000;

    @AttributeDefinition(
            name = "Backup deadline",
            description = "Milliseconds within which a whole backup must have come which an admin restores.",
            min = "100")
    int restoreTimeoutMs() default 600_000;

    @AttributeDefinition(
            name = "Requests at a time per key",
            description = "Streams and other requests that one key may have open at a time.",
            min = "1")
    int maxStreamsPerKey() default 2000;

    @AttributeDefinition(
            name = "Requests a second per key",
            description = "Requests that one key may begin in a second; 0 for no limit.",
            min = "0")
    int requestsPerSecondPerKey() default 0;

    @AttributeDefinition(
            name = "Start deadline",
            description = "Milliseconds after which a host that isn't ready yet says what is missing.",
            min = "1000")
    int readyTimeoutMs() default 30_000;
}
