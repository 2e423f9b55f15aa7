package org.llmgine.core.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "LLMgine core", description = "Models, limits and accounts of the host.")
@interface CoreSettings {
    String PID = "org.llmgine.core";

    @AttributeDefinition(
            name = "Default model",
            description =
                    "What the model name 'default' stands for: instance/model or an alias. Of several, separated by"
                            + " spaces or commas, the next one is tried when one fails before its first event.")
    String defaultModel() default "offline/demo";

    @AttributeDefinition(
            name = "Aliases",
            description =
                    "Further names of models, each as name=instance/model; several models, separated by spaces, are"
                            + " tried one after the other.",
            required = false)
    String[] aliases() default {};

    @AttributeDefinition(
            name = "Successor wait (ms)",
            description =
                    "How long a call waits for the successor of a plugin that is away, if no other model of a chain answers."
                            + " Shorter than the heartbeat of event streams, it ends in a proper status.",
            min = "0",
            max = "600000")
    long successorWaitMs() default 4_000;

    @AttributeDefinition(
            name = "Drain timeout (ms)",
            description = "How long a stopping plugin waits for the calls in flight.",
            min = "0",
            max = "3600000")
    long drainTimeoutMs() default 30_000;

    @AttributeDefinition(
            name = "First event timeout (ms)",
            description =
                    "How long a model may take to its first event, retries included; the next model of a chain anew.",
            min = "1")
    long firstEventTimeoutMs() default 120_000;

    @AttributeDefinition(
            name = "Whole answer timeout (ms)",
            description = "How long a model may take to an answer that nobody takes piece by piece, retries included.",
            min = "1")
    long wholeAnswerTimeoutMs() default 600_000;

    @AttributeDefinition(
            name = "Gap timeout (ms)",
            description = "How long a model may be silent between two events.",
            min = "1")
    long gapTimeoutMs() default 60_000;

    @AttributeDefinition(
            name = "Stream timeout (ms)",
            description = "How long one model call may take in total, with all models of a chain that are tried.",
            min = "1")
    long streamTimeoutMs() default 1_800_000;

    @AttributeDefinition(
            name = "Turn timeout (ms)",
            description = "How long one turn of an engine may take in total.",
            min = "1")
    long turnTimeoutMs() default 3_600_000;

    @AttributeDefinition(
            name = "Concurrent streams",
            description = "How many streams one provider instance may have open.",
            min = "1")
    int maxConcurrentStreams() default 10_000;

    @AttributeDefinition(
            name = "Concurrent turns",
            description = "How many turns one engine may run at a time.",
            min = "1")
    int maxConcurrentTurns() default 10_000;

    @AttributeDefinition(
            name = "Retries",
            description = "How often a model call that failed before its first event is made again.",
            min = "0",
            max = "10")
    int retries() default 2;

    @AttributeDefinition(
            name = "Retry delay (ms)",
            description = "The pause before the first retry; it doubles for each further one, with jitter.",
            min = "1")
    long retryDelayMs() default 250;

    @AttributeDefinition(
            name = "Longest retry delay (ms)",
            description = "A back-end that asks for a longer pause is not asked again; the caller is told.",
            min = "1")
    long retryMaxDelayMs() default 5_000;

    @AttributeDefinition(
            name = "Breaker failures",
            description = "After how many failures in a row an instance of a plugin is quarantined for a while.",
            min = "1")
    int breakerFailures() default 10;

    @AttributeDefinition(
            name = "Breaker delay (ms)",
            description = "How long an instance that failed too often is left alone before the next try.",
            min = "1")
    long breakerDelayMs() default 10_000;

    @AttributeDefinition(
            name = "Tool threads",
            description = "How many calls of one plugin's tools run at a time.",
            min = "1",
            max = "256")
    int toolThreads() default 8;

    @AttributeDefinition(
            name = "Tool timeout (ms)",
            description = "How long a tool call may take, where the tool itself doesn't say.",
            min = "1")
    long toolTimeoutMs() default 30_000;

    @AttributeDefinition(
            name = "Context messages",
            description = "How many messages of a conversation a model is shown.",
            min = "1")
    int maxContextMessages() default 120;

    @AttributeDefinition(
            name = "Context characters",
            description = "How many characters of a conversation a model is shown.",
            min = "1")
    int maxContextChars() default 400_000;

    @AttributeDefinition(name = "Default engine", description = "The engine of a session for which none was named.")
    String defaultEngine() default "tool-chat";

    @AttributeDefinition(
            name = "Detached grace (ms)",
            description =
                    "How long a session's turn goes on while nobody reads it, where the session itself doesn't say.",
            min = "100",
            max = "86400000")
    long detachedGraceMs() default 300_000;

    @AttributeDefinition(
            name = "Turn log kept (ms)",
            description = "How long the events of a session's turn can still be read after its end.",
            min = "0",
            max = "86400000")
    long turnLogKeepMs() default 300_000;

    @AttributeDefinition(
            name = "Turn log size (bytes)",
            description =
                    "How much the events of one session's turn may take; a turn that needs more ends with limit_reached.",
            min = "65536",
            max = "1073741824")
    long turnLogMaxBytes() default 16_777_216;

    @AttributeDefinition(
            name = "Kept turn logs' size (bytes)",
            description =
                    "How much the events of all sessions' turns that are over may take; beyond it the oldest go early.",
            min = "0")
    long turnLogsMaxBytes() default 134_217_728;

    @AttributeDefinition(
            name = "Approvals",
            description =
                    "What happens to calls of a tool, in the place of what the tool itself says, each as name=allow, name=ask"
                            + " or name=deny.",
            required = false)
    String[] approvals() default {};

    @AttributeDefinition(
            name = "Approvals by owner",
            description = "Whether a session's owner may approve the calls of its turns; otherwise only operators may.")
    boolean approvalsByOwner() default true;

    @AttributeDefinition(
            name = "Approval expiry (ms)",
            description = "How long a tool call waits for an approval before it counts as denied.",
            min = "1000",
            max = "31536000000")
    long approvalExpiryMs() default 86_400_000;

    @AttributeDefinition(name = "Sessions", description = "How many sessions one owner may have.", min = "1")
    int maxSessions() default 10_000;

    @AttributeDefinition(
            name = "Session messages",
            description = "How many messages a session's history may have before it takes no further prompt.",
            min = "1")
    int maxSessionMessages() default 10_000;
}
