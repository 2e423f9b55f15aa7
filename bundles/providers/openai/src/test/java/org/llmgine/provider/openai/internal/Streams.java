package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;

/** Makes streams of bytes that have all come, without a network. */
final class Streams {
    static final int LIMIT = 1 << 20;
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private Streams() {}

    static Failures failures(String... secrets) {
        return new Failures(
                new JsonFactory(),
                URI.create("http://backend.test/v1"),
                "The key comes from the environment variable THE_KEY.",
                List.of(secrets),
                InstantSource.fixed(NOW));
    }

    static ChatStream over(int limit, List<byte[]> pieces) {
        return new ChatStream(ended(pieces), new ChunkDecoder(new JsonFactory(), failures()), limit, () -> {});
    }

    /** An answer whose body has come whole, in pieces. */
    private static HttpAnswer ended(List<byte[]> pieces) {
        Iterator<byte[]> left = pieces.iterator();
        return new HttpAnswer() {
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
                return left.hasNext() ? ByteBuffer.wrap(left.next()).asReadOnlyBuffer() : null;
            }

            @Override
            public @Nullable ByteBuffer poll() {
                return take();
            }

            @Override
            public boolean isAtEnd() {
                return !left.hasNext();
            }

            @Override
            public void close() {}

            @Override
            public void finish() {}
        };
    }

    /** Read a whole stream. */
    static List<StreamEvent> events(String... pieces) {
        List<byte[]> bytes = new ArrayList<>();
        for (String piece : pieces) {
            bytes.add(piece.getBytes(UTF_8));
        }
        List<StreamEvent> events = new ArrayList<>();
        try (ChatStream stream = over(LIMIT, bytes)) {
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof Finish));
        }
        return events;
    }
}
