package org.llmgine.http.internal;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The encoding of one delta as one event. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class ChatChunksBenchmark {
    @Param({"word ", "a \"quoted\" line\n", "größer 日本語 🙂"})
    public String delta = "";

    private final SseBuffer buffer = new SseBuffer();
    private final ChatChunks chunks = new ChatChunks(buffer, "chatcmpl-1", 1_700_000_000L, "offline/demo", false);

    @Benchmark
    public int encode() {
        buffer.clear();
        chunks.content(delta);
        return buffer.length();
    }
}
