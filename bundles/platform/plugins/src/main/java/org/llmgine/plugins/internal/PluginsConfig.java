package org.llmgine.plugins.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** The plugin manager's settings. */
@ObjectClassDefinition(name = "LLMgine plugins", description = "How plugins are installed and replaced.")
@interface PluginsConfig {
    String PID = "org.llmgine.plugins";

    @AttributeDefinition(
            name = "Ready within (ms)",
            description =
                    "How long a version may take until its components are satisfied and it serves, before it is given up.",
            min = "100",
            max = "3600000")
    long readyTimeoutMs() default 30_000;

    @AttributeDefinition(
            name = "Drained within (ms)",
            description =
                    "How long the calls of a version that was replaced may go on before it is stopped all the same.",
            min = "0",
            max = "86400000")
    long drainTimeoutMs() default 3_600_000;

    @AttributeDefinition(
            name = "Drained within (ms), exclusive",
            description =
                    "The same for a plugin of which only one version may run at a time: new calls wait meanwhile.",
            min = "0",
            max = "86400000")
    long exclusiveDrainTimeoutMs() default 60_000;

    @AttributeDefinition(
            name = "Watched for (ms)",
            description =
                    "How long the calls of a new version are watched; the former version stays at hand. 0 for not at all.",
            min = "0",
            max = "3600000")
    long watchMs() default 30_000;

    @AttributeDefinition(
            name = "Errors that send back (%)",
            description =
                    "Which part of the calls of a new version may fail before the former version takes over again.",
            min = "1",
            max = "100")
    int watchErrorPercent() default 50;

    @AttributeDefinition(
            name = "Calls that count",
            description = "How many calls of a new version must have been made before their errors count.",
            min = "1",
            max = "100000")
    int watchCalls() default 10;

    @AttributeDefinition(
            name = "Kept versions",
            description = "How many versions of a plugin are kept for a rollback, the active one included.",
            min = "1",
            max = "100")
    int keptVersions() default 5;

    @AttributeDefinition(
            name = "Largest jar (bytes)",
            description = "The largest jar of a plugin that is taken.",
            min = "1000",
            max = "4294967296")
    long maxJarBytes() default 268_435_456;

    @AttributeDefinition(
            name = "Fetched within (ms)",
            description = "How long it may take to fetch a jar, or a catalogue, from an address, to its last byte.",
            min = "100",
            max = "3600000")
    long fetchTimeoutMs() default 120_000;

    @AttributeDefinition(
            name = "Signatures",
            description =
                    "Whether a plugin's jar must be signed by somebody whom the trust store knows: 'require' refuses all"
                            + " others, 'warn' says so in the checks, 'off' doesn't look. A jar that was changed after it was"
                            + " signed is always refused.",
            options = {
                @Option(label = "Require", value = PluginSettings.REQUIRE),
                @Option(label = "Warn", value = PluginSettings.WARN),
                @Option(label = "Off", value = PluginSettings.OFF)
            })
    String signatures() default PluginSettings.WARN;

    @AttributeDefinition(
            name = "Trust store",
            description =
                    "The certificates of those who may sign plugins and catalogues, or of their authorities: a PEM or a PKCS12"
                            + " file, read at each check. A relative path is in the data folder.")
    String trustStore() default "plugins/trust.pem";

    @AttributeDefinition(
            name = "Trust store's password",
            description = "The password of a trust store in PKCS12.",
            type = AttributeType.PASSWORD)
    String trustStorePassword() default "";

    @AttributeDefinition(
            name = "Catalogues",
            description =
                    "Where plugins are looked for: addresses, http: or https:, and folders, each with an index.json. A relative"
                            + " path is in the host's folder, where 'catalogue' has the plugins of the distribution.")
    String[] catalogues() default {"catalogue"};
}
