package org.llmgine.itest.host;

import java.io.IOException;
import java.util.List;

/**
 * Streamed chats at a time, each of 64 deltas 20 ms apart.
 *
 * @param host the host
 * @param clients how many
 */
record Load(Host host, int clients) {
    static final String MODEL = "paced-64-20";

    List<ChatStream.Answer> run() throws Exception {
        try (Crowd<ChatStream.Answer> crowd = Crowd.of(clients, () -> host.api().ask("scripted~main/" + MODEL, "go"))) {
            return crowd.results();
        }
    }

    static boolean isInOrder(ChatStream.Answer answer) {
        return answer.deltas().equals(Numbered.words(64));
    }

    /** Count the streams that the provider has open. */
    long open() throws IOException {
        return host.journal().open(MODEL);
    }

    Footprint footprint() {
        Jvm jvm = new Jvm(host.jvm());
        return new Footprint(jvm.liveHeapBytes(), jvm.liveThreads());
    }

    /**
     * What the host holds.
     *
     * @param heapBytes what is left of the heap after a full collection
     * @param threads the live threads
     */
    record Footprint(long heapBytes, long threads) {
        boolean isWithin(double share, Footprint other) {
            return heapBytes <= other.heapBytes * (1 + share) && threads <= other.threads * (1 + share);
        }
    }
}
