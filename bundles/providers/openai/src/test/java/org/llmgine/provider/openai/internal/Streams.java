package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
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

    static ResponseBody ended(List<byte[]> pieces) {
        ResponseBody body = new ResponseBody();
        body.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {}

            @Override
            public void cancel() {}
        });
        pieces.forEach(piece -> body.onNext(List.of(ByteBuffer.wrap(piece).asReadOnlyBuffer())));
        body.onComplete();
        return body;
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
