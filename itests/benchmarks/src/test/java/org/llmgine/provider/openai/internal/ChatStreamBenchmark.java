package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What becomes of a back-end's bytes: one delta's share of a stream of a thousand. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class ChatStreamBenchmark {
    private static final int DELTAS = 1000;
    private static final String CHUNK =
            "data: {\"id\":\"chatcmpl-123\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                    + "\"model\":\"gpt-x\",\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},"
                    + "\"logprobs\":null,\"finish_reason\":null}],\"usage\":null%s}\n\n";

    private final JsonFactory json = new JsonFactory();
    private final Failures failures =
            new Failures(json, URI.create("http://x/v1"), "", List.of(), InstantSource.system());

    /** Whether chunks differ in their text only, or also in padding, so that each is parsed in full. */
    @Param({"false", "true"})
    private boolean padded;

    /** How many chunks come in one buffer. */
    @Param({"1", "50"})
    private int together;

    private ByteBuffer[] buffers = {};

    @Setup
    public void prepare() {
        buffers = new ByteBuffer[DELTAS / together + 1];
        StringBuilder bytes = new StringBuilder();
        for (int i = 1; i <= DELTAS; i++) {
            bytes.append(CHUNK.formatted(
                    "word" + i % 10 + " ", padded ? ",\"obfuscation\":\"" + "x".repeat(i % 7) + "\"" : ""));
            if (i % together == 0) {
                buffers[i / together - 1] =
                        ByteBuffer.wrap(bytes.toString().getBytes(UTF_8)).asReadOnlyBuffer();
                bytes.setLength(0);
            }
        }
        buffers[DELTAS / together] = ByteBuffer.wrap(
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
                        .getBytes(UTF_8));
    }

    @Benchmark
    @OperationsPerInvocation(DELTAS)
    public void delta(Blackhole sink) {
        HttpAnswer answer = new Arrived(buffers);
        try (ChatStream stream = new ChatStream(answer, new ChunkDecoder(json, failures), 1 << 20, () -> {})) {
            StreamEvent event;
            do {
                event = stream.next();
                sink.consume(event);
                sink.consume(stream.isReady());
            } while (!(event instanceof Finish));
        }
    }

    /** An answer whose next buffer is there whenever somebody waits for it. */
    private static final class Arrived implements HttpAnswer {
        private final ByteBuffer[] buffers;
        private int next;

        Arrived(ByteBuffer[] buffers) {
            this.buffers = buffers;
        }

        @Override
        public int status() {
            return 200;
        }

        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(Map.of(), (name, value) -> true);
        }

        @Override
        public @Nullable ByteBuffer take() {
            return isAtEnd() ? null : buffers[next++].duplicate();
        }

        @Override
        public @Nullable ByteBuffer poll() {
            return null;
        }

        @Override
        public boolean isAtEnd() {
            return next == buffers.length;
        }

        @Override
        public void close() {}

        @Override
        public void finish() {}
    }
}
