package org.llmgine.provider.openai.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One back-end: its settings, its connections and its models. */
final class Backend implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);
    private static final int MAX_ERROR_BYTES = 65_536;
    private static final int MAX_LIST_BYTES = 33_554_432;
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(30);
    private static final long RETRY_LIST_NANOS = 10_000_000_000L;

    private final JsonFactory json;
    private final HttpClient.Builder clients;
    private final HttpRequest.Builder chat;
    private final @Nullable Http1Client direct;
    private final Duration restLimit;
    private final HttpRequest list;
    private final RequestWriter writer;
    private final Failures failures;
    private final int maxAnswerBytes;
    private final int maxStreams;
    private final AtomicInteger streams = new AtomicInteger();

    private final long refreshNanos;
    private final AtomicReference<@Nullable CompletableFuture<byte[]>> fetching = new AtomicReference<>();
    private volatile HttpClient client;
    private boolean closed;
    private volatile List<ModelInfo> models;
    private volatile long askedAt;

    private Backend(
            String instance,
            OpenAiSettings settings,
            Map<String, String> environment,
            Duration restLimit,
            Duration closedLimit) {
        this.restLimit = restLimit;
        URI base = Urls.base(settings.baseUrl());
        json = new JsonFactoryBuilder()
                .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(settings.maxAnswerBytes())
                        .build())
                .build();
        maxAnswerBytes = settings.maxAnswerBytes();
        maxStreams = settings.maxStreams() == 0 ? Integer.MAX_VALUE : settings.maxStreams();
        boolean official = base.getHost().equalsIgnoreCase("api.openai.com");
        writer = new RequestWriter(
                json, settings.maxTokensField(), official, settings.stream(), settings.usageInStreams());
        Headers headers = Headers.of(settings, environment);
        if (headers.lacksKey()) {
            LOG.warn("The provider '{}' has no key. {}", instance, headers.keyHint());
        }
        failures = new Failures(json, base, headers.keyHint(), headers.secrets(), InstantSource.system());
        chat = headers.addTo(HttpRequest.newBuilder(Urls.at(base, "/chat/completions"))
                .setHeader("Content-Type", "application/json")
                .setHeader("Accept", settings.stream() ? "text/event-stream, application/json" : "application/json"));
        list = headers.addTo(HttpRequest.newBuilder(Urls.at(base, "/models"))
                        .setHeader("Accept", "application/json")
                        .timeout(LIST_TIMEOUT))
                .build();
        boolean http2 = settings.http2() && base.getScheme().equals("https");
        Duration connectTimeout = Duration.ofMillis(settings.connectTimeoutMs());
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(http2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                // What the client runs doesn't block: it needs no threads but its selector's.
                .executor(Runnable::run);
        InetSocketAddress proxy = Urls.proxy(settings.proxy());
        if (proxy != null) {
            builder.proxy(ProxySelector.of(proxy));
        }
        direct = http2 || proxy != null || hasProxy(base)
                ? null
                : new Http1Client(chat.copy().build(), tls(), connectTimeout, restLimit, closedLimit);
        clients = builder;
        client = builder.build();
        models = ModelList.ofNames(settings.models());
        refreshNanos = Duration.ofMillis(settings.modelsRefreshMs()).toNanos();
        askedAt = System.nanoTime() - refreshNanos;
    }

    /**
     * Make a back-end; nothing is sent yet on the calling thread.
     *
     * @param instance the name by which the log speaks of it
     * @throws LlmgineException {@code invalid_request} naming the setting that can't be used
     */
    static Backend of(String instance, OpenAiSettings settings, Map<String, String> environment) {
        return of(instance, settings, environment, Http1Client.REST_LIMIT, Http1Client.CLOSED_LIMIT);
    }

    /**
     * Make a back-end whose connections have limits of their own.
     *
     * @param restLimit usually {@link Http1Client#REST_LIMIT}
     * @param closedLimit usually {@link Http1Client#CLOSED_LIMIT}
     */
    static Backend of(
            String instance,
            OpenAiSettings settings,
            Map<String, String> environment,
            Duration restLimit,
            Duration closedLimit) {
        Backend backend = new Backend(instance, settings, environment, restLimit, closedLimit);
        backend.models();
        return backend;
    }

    /** Return the models as last heard; what is older than it may be is asked for anew in the background. */
    List<ModelInfo> models() {
        CompletableFuture<byte[]> fetch = fetching.get();
        if (fetch == null && refreshNanos > 0 && System.nanoTime() - askedAt >= refreshNanos) {
            CompletableFuture<byte[]> next = new CompletableFuture<>();
            if (fetching.compareAndSet(null, next)) {
                askedAt = System.nanoTime();
                // Elsewhere, because the back-end's name is looked up by who sends.
                CompletableFuture.runAsync(() -> fetch(next));
            }
        }
        if (fetch != null && fetch.isDone() && fetching.compareAndSet(fetch, null)) {
            read(fetch);
        }
        return models;
    }

    private void fetch(CompletableFuture<byte[]> target) {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(list, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_LIST_BYTES));
        // The request's own limit ends with the answer's head. Cancelling cuts the connection.
        target.orTimeout(LIST_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((body, late) -> answer.cancel(true));
        answer.whenComplete((response, failure) -> {
            if (failure != null) {
                target.completeExceptionally(failure);
            } else if (response.statusCode() != 200) {
                target.completeExceptionally(new IOException("It answered " + response.statusCode() + "."));
            } else {
                target.complete(response.body());
            }
        });
    }

    private void read(CompletableFuture<byte[]> fetch) {
        try {
            models = ModelList.read(json, fetch.join());
        } catch (IOException | RuntimeException e) {
            // It may only be starting: it is asked again before the list would be too old.
            askedAt -= Math.max(0, refreshNanos - RETRY_LIST_NANOS);
            LOG.debug("{} didn't list its models.", list.uri(), e);
        }
    }

    /** Send a request; returns when the back-end has begun to answer. */
    ModelStream open(ModelRequest request) {
        if (streams.incrementAndGet() > maxStreams) {
            streams.decrementAndGet();
            throw new LlmgineException(
                            ErrorCode.OVERLOADED, "This instance already has " + maxStreams + " open streams.")
                    .withHint("The limit is the setting maxStreams.")
                    .withRetryAfter(Duration.ofSeconds(1));
        }
        boolean opened = false;
        try {
            HttpAnswer answer = send(writer.write(request));
            ModelStream stream =
                    new ChatStream(answer, new ChunkDecoder(json, failures), maxAnswerBytes, streams::decrementAndGet);
            opened = true;
            return stream;
        } finally {
            if (!opened) {
                streams.decrementAndGet();
            }
        }
    }

    private HttpAnswer send(byte[] body) {
        HttpAnswer answer;
        try {
            answer = direct != null ? direct.send(body) : sendByClient(body);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The request was cancelled.", e);
            }
            throw failures.noAnswer(e);
        }
        if (answer.status() / 100 != 2) {
            throw failures.of(answer.status(), answer.headers(), text(answer));
        }
        return answer;
    }

    /** Send by the JDK's client, which speaks HTTP/2 and knows proxies. */
    private HttpAnswer sendByClient(byte[] body) throws IOException {
        HttpClient now = client;
        HttpRequest request = chat.copy().POST(BodyPublishers.ofByteArray(body)).build();
        try {
            return now.send(request, head -> new JdkAnswer(head, restLimit)).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        } catch (IllegalArgumentException e) {
            // The client gives up so on a Content-Length that is no number.
            replace(now);
            throw new ProtocolException(e.getMessage());
        } catch (ProtocolException e) {
            replace(now);
            throw e;
        }
    }

    private static SSLSocketFactory tls() {
        try {
            return SSLContext.getDefault().getSocketFactory();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JVM knows no TLS.", e);
        }
    }

    /** Tell whether the JVM was told of a proxy for an address. */
    private static boolean hasProxy(URI address) {
        ProxySelector selector = ProxySelector.getDefault();
        return selector != null && !selector.select(address).equals(List.of(Proxy.NO_PROXY));
    }

    /** Let go of a client: a connection whose answer's head it couldn't read it closes at its own end only. */
    private synchronized void replace(HttpClient former) {
        if (client == former && !closed) {
            client = clients.build();
            former.shutdown();
        }
    }

    /** Read the beginning of an error's body. */
    private String text(HttpAnswer body) {
        int limit = Math.min(MAX_ERROR_BYTES, maxAnswerBytes);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean whole = false;
        try {
            while (text.size() < limit) {
                ByteBuffer bytes = body.take();
                if (bytes == null) {
                    whole = true;
                    break;
                }
                byte[] part = new byte[Math.min(bytes.remaining(), limit - text.size())];
                bytes.get(part);
                text.writeBytes(part);
            }
        } catch (LlmgineException e) {
            if (e.code().equals(ErrorCode.CANCELLED)) {
                throw e;
            }
            // What came before it broke off says enough.
        } finally {
            if (whole) {
                body.finish();
            } else {
                body.close();
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** Take no new request and ask for the models no longer; the connections and their thread end with the last open stream. */
    @Override
    public synchronized void close() {
        closed = true;
        CompletableFuture<byte[]> fetch = fetching.get();
        if (fetch != null) {
            fetch.cancel(false);
        }
        if (direct != null) {
            direct.close();
        }
        client.shutdown();
    }

    /** The headers of every request, what is secret of them, and whether the key that was asked for is missing. */
    private record Headers(List<String[]> all, List<String> secrets, String keyHint, boolean lacksKey) {
        private static final String AUTHORIZATION = "authorization";
        private static final int MIN_SECRET = 8;

        static Headers of(OpenAiSettings settings, Map<String, String> environment) {
            List<String[]> all = new ArrayList<>();
            List<String> secrets = new ArrayList<>();
            for (String header : settings.headers()) {
                if (!header.isBlank()) {
                    String[] parts = parse(header);
                    all.add(parts);
                    Stream.of(parts[1].split(" "))
                            .filter(word -> word.length() >= MIN_SECRET)
                            .forEach(secrets::add);
                }
            }
            String variable = settings.apiKeyVariable().strip();
            String key = (variable.isEmpty() ? settings.apiKey() : environment.getOrDefault(variable, "")).strip();
            boolean own = all.stream()
                    .anyMatch(header -> header[0].toLowerCase(Locale.ROOT).equals(AUTHORIZATION));
            if (!key.isEmpty() && !own) {
                if (!key.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
                    throw Urls.bad(
                            variable.isEmpty() ? "apiKey" : "apiKeyVariable", "stand for a key of plain characters");
                }
                all.add(new String[] {"Authorization", "Bearer " + key});
                secrets.add(key);
            }
            optional(all, "OpenAI-Organization", settings.organization());
            optional(all, "OpenAI-Project", settings.project());
            return new Headers(all, secrets, keyHint(variable, key), !variable.isEmpty() && key.isEmpty() && !own);
        }

        private static void optional(List<String[]> all, String name, String value) {
            if (!value.isBlank()) {
                all.add(new String[] {name, value.strip()});
            }
        }

        private static String[] parse(String header) {
            int at = 0;
            while (at < header.length() && header.charAt(at) != '=' && header.charAt(at) != ':') {
                at++;
            }
            if (at == 0 || at == header.length()) {
                throw Urls.bad("headers", "hold name=value");
            }
            return new String[] {
                header.substring(0, at).strip(), header.substring(at + 1).strip()
            };
        }

        private static String keyHint(String variable, String key) {
            if (!variable.isEmpty()) {
                return key.isEmpty()
                        ? "The environment variable " + variable + " is not set; it holds the key of this instance."
                        : "The key comes from the environment variable " + variable + ".";
            }
            return key.isEmpty()
                    ? "This instance has no key: set apiKeyVariable to the environment variable that holds it."
                    : "The key comes from the setting apiKey.";
        }

        /** Add them, or put them in the place of those of the same name. */
        HttpRequest.Builder addTo(HttpRequest.Builder request) {
            request.setHeader("User-Agent", "LLMgine");
            for (String[] header : all) {
                try {
                    request.setHeader(header[0], header[1]);
                } catch (IllegalArgumentException e) {
                    // Its message may hold the value.
                    throw Urls.bad("headers", "hold names and values that HTTP allows; '" + header[0] + "' is not");
                }
            }
            return request;
        }
    }
}
