package org.llmgine.provider.openai.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

@ObjectClassDefinition(
        name = "Provider openai",
        description =
                "A back-end that speaks the OpenAI API: OpenAI, OpenRouter, DeepSeek, Groq, vLLM, llama.cpp, Ollama.")
@interface OpenAiSettings {
    @AttributeDefinition(
            name = "Base URL",
            description =
                    "The address of the back-end's API, as a rule up to and including /v1: http or https, without user"
                            + " and password. A query (api-version=…) goes with every request.")
    String baseUrl() default "https://api.openai.com/v1";

    @AttributeDefinition(
            name = "Key's variable",
            description =
                    "The name of the environment variable that holds the key, so that the key is in no file. Counts before the key.")
    String apiKeyVariable() default "";

    @AttributeDefinition(
            name = "Key",
            description = "The key, if no variable holds it. Neither is needed for a back-end without keys.",
            type = AttributeType.PASSWORD)
    String apiKey() default "";

    @AttributeDefinition(
            name = "Headers",
            description =
                    "Further headers of every request, each as name=value. An Authorization header takes the place of the key's.")
    String[] headers() default {};

    @AttributeDefinition(
            name = "Organization",
            description = "The organization that the back-end bills; sent as OpenAI-Organization when given.")
    String organization() default "";

    @AttributeDefinition(
            name = "Project",
            description = "The project that the back-end bills; sent as OpenAI-Project when given.")
    String project() default "";

    @AttributeDefinition(
            name = "Models",
            description =
                    "The names of models. They are listed while the back-end's own list isn't there, and in its place when"
                            + " modelsRefreshMs is 0. Other names can be asked for all the same.")
    String[] models() default {};

    @AttributeDefinition(
            name = "Refresh of the models (ms)",
            description =
                    "After how many milliseconds the back-end's list of models is asked for anew; 0 never asks for it.",
            min = "0",
            max = "86400000")
    int modelsRefreshMs() default 300_000;

    @AttributeDefinition(
            name = "Proxy",
            description = "The HTTP proxy that the back-end is reached by, as http://host:port. None when empty.")
    String proxy() default "";

    @AttributeDefinition(
            name = "Connect timeout (ms)",
            description = "How many milliseconds a connection to the back-end may take to be made.",
            min = "1",
            max = "600000")
    int connectTimeoutMs() default 10_000;

    @AttributeDefinition(
            name = "Streams at once",
            description = "How many streams may be open on this instance; 0 leaves it to the host's own limit.",
            min = "0",
            max = "1000000")
    int maxStreams() default 0;

    @AttributeDefinition(
            name = "HTTP/2",
            description =
                    "Whether to speak HTTP/2 over TLS with a back-end that offers it. Its servers often take no more than 100"
                            + " streams at once.")
    boolean http2() default false;

    @AttributeDefinition(
            name = "Field of the token limit",
            description =
                    "By which field the limit of tokens is sent; auto takes max_completion_tokens for api.openai.com and"
                            + " for models that demand it, else max_tokens.",
            options = {@Option("auto"), @Option("max_tokens"), @Option("max_completion_tokens")})
    String maxTokensField() default "auto";

    @AttributeDefinition(
            name = "Streams",
            description = "Whether to ask for streams; false for a back-end that can only answer as a whole.")
    boolean stream() default true;

    @AttributeDefinition(
            name = "Usage in streams",
            description =
                    "Whether to ask that a stream tells its tokens; false for a back-end that refuses stream_options.")
    boolean usageInStreams() default true;

    @AttributeDefinition(
            name = "Longest answer (bytes)",
            description =
                    "How many bytes an answer that isn't streamed may have, and one event of a stream that is. A stream as a"
                            + " whole has no limit but the host's time.",
            min = "1024",
            max = "1073741824")
    int maxAnswerBytes() default 16_777_216;
}
