package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("proof")
final class StartProof {
    @Test
    void aFreshHostsFirstContentComesWithinAHundredMilliseconds() throws IOException, InterruptedException {
        List<Long> coldStarts = new ArrayList<>();
        List<Long> firstDeltas = new ArrayList<>();
        List<Long> warmStarts = new ArrayList<>();
        long resident = 0;
        for (int round = 0; round < 5; round++) {
            try (Host host = Host.unpack("start").withoutCoverage().start()) {
                coldStarts.add(host.readyAfter().toMillis());
                firstDeltas.add(firstDelta(host).toNanos() / 1000);
                host.stop();
                host.start();
                warmStarts.add(host.readyAfter().toMillis());
                firstDelta(host);
                resident = Math.max(resident, new Jvm(host.jvm()).residentBytes());
            }
        }

        new Report("start")
                .add("start with an empty data folder to ready (ms)", coldStarts)
                .add("warm start to ready (ms; aim 5000)", warmStarts)
                .add("first content of the first request, cold (µs; bar 100000)", firstDeltas)
                .add("resident memory (MiB; aim 300)", resident / 1024 / 1024)
                .write();
        assertThat(firstDeltas).allMatch(micros -> micros < 100_000);
    }

    /** Ask over a connection of its own, made before the clock runs as any client's is, and time the first content. */
    private static Duration firstDelta(Host host) throws IOException {
        String body = Api.question("offline/demo", "Hello!").put("stream", true).toString();
        try (RawClient client = new RawClient(host)) {
            long begin = System.nanoTime();
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Host.ADMIN_KEY
                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            client.readUntil("\"content\":\"");
            return Duration.ofNanos(System.nanoTime() - begin);
        }
    }
}
