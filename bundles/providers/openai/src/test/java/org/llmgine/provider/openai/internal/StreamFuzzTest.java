package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.stream.StreamEvent;

/** Whatever comes and however it is cut: the same events, and no failure but the typed one. */
class StreamFuzzTest {
    private static final int LIMIT = 400;

    /** What streams are made of, whole and broken. */
    private static final List<String> PIECES = Stream.of(
                    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}",
                    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é\\n\\\"\"},\"finish_reason\":null}]}",
                    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\u0041\"},\"finish_reason\":null}]}",
                    "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}",
                    "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\",\"reasoning_details\":[{\"a\":1}]}}]}",
                    "data: {\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]}",
                    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}}]}",
                    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":{\"x\":[1.5,null]}}}]}}]}",
                    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
                    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
                    "data: {\"choices\":7,\"usage\":\"x\",\"system_fingerprint\":\"fp\"}",
                    "data: {\"choices\":[[],{}],\"error\":null}",
                    "data: {\"error\":{\"message\":\"out\",\"code\":429}}",
                    "data: {\"choices\":[{\"delta\":",
                    "data: {\"content\":\"x\"}}]}",
                    "data: [DONE]",
                    "data:",
                    "data",
                    "data: nonsense",
                    "event: error",
                    "event: message",
                    ": comment",
                    "id: 7",
                    "retry: 1",
                    "{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}",
                    "{",
                    "[",
                    "\"",
                    "\\",
                    "\u0000",
                    "\u00ef\u00bb\u00bf",
                    "\u00ff",
                    "x".repeat(LIMIT))
            .toList();

    private static final List<String> ENDS = List.of("\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\n\n", "");

    @Property(tries = 2000)
    void anySplitGivesTheSameAsTheWhole(@ForAll("streams") byte[] stream, @ForAll long seed) {
        List<String> whole = Events.of(LIMIT, List.of(stream));

        assertThat(Events.of(LIMIT, cut(stream, new Random(seed), 7))).isEqualTo(whole);
        assertThat(Events.of(LIMIT, cut(stream, new Random(seed), 60))).isEqualTo(whole);
        assertThat(Events.of(LIMIT, cut(stream, new Random(seed), 1))).isEqualTo(whole);
    }

    @Property(tries = 2000)
    void garbageThrowsNothingButTheTypedError(@ForAll byte[] stream, @ForAll long seed) {
        assertThat(Events.of(LIMIT, cut(stream, new Random(seed), 5))).isEqualTo(Events.of(LIMIT, List.of(stream)));
    }

    @Property(tries = 1000)
    void aWholeAnswerMayBeGarbageToo(@ForAll("streams") byte[] stream) {
        byte[] body = ("{\"choices\":[" + new String(stream, ISO_8859_1)).getBytes(ISO_8859_1);

        assertThat(Events.of(LIMIT, List.of(body)).getLast()).startsWith("failure");
    }

    @Provide
    Arbitrary<byte[]> streams() {
        return Arbitraries.of(PIECES)
                .flatMap(piece -> Arbitraries.of(ENDS).map(end -> piece + end))
                .list()
                .ofMaxSize(12)
                .map(lines -> {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    lines.forEach(line -> bytes.writeBytes(line.getBytes(
                            line.startsWith("\u00ef") || line.startsWith("\u00ff") ? ISO_8859_1 : UTF_8)));
                    return bytes.toByteArray();
                });
    }

    /** Cut into pieces of up to a length, empty ones too. */
    private static List<byte[]> cut(byte[] stream, Random random, int most) {
        List<byte[]> pieces = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            int size = Math.min(stream.length - at, most == 1 ? 1 : random.nextInt(most + 1));
            byte[] piece = new byte[size];
            System.arraycopy(stream, at, piece, 0, size);
            pieces.add(piece);
            at += size;
        }
        return pieces;
    }

    /** Reads all events of a stream, as text, with the failure that ends it if there is one. */
    static final class Events {
        private Events() {}

        static List<String> of(int limit, List<byte[]> pieces) {
            List<String> events = new ArrayList<>();
            try (ChatStream stream = Streams.over(limit, pieces)) {
                while (true) {
                    boolean ready = stream.isReady();
                    StreamEvent event = stream.next();
                    // All is there already, so nothing could have blocked.
                    assertThat(ready).isTrue();
                    events.add(event.toString().replaceAll("call_[0-9a-f]{32}", "call_made_up"));
                }
            } catch (LlmgineException e) {
                events.add("failure " + e.code().name() + " " + e.getMessage());
            }
            return events;
        }
    }
}
