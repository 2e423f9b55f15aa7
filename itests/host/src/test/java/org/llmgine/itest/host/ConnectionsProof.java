package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("proof")
final class ConnectionsProof {
    private static final int CONNECTIONS = 10_000;

    @Test
    void tenThousandConnectionsThatAreSilentOrHoldHalfARequestKeepNobodyOut() throws IOException, InterruptedException {
        try (Host host = Host.unpack("connections").withoutCoverage().start();
                HalfConnections connections = new HalfConnections(host)) {
            Jvm jvm = new Jvm(host.jvm());
            long before = jvm.residentBytes();
            connections.open(CONNECTIONS);
            List<Long> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                long begin = System.nanoTime();
                assertThat(host.api().ask("offline/demo", "Hello!").isWhole()).isTrue();
                answers.add(Duration.ofNanos(System.nanoTime() - begin).toMillis());
            }

            new Report("connections")
                    .add("connections from another process, silent or with half a request", CONNECTIONS)
                    .add("open files allowed to the host (ulimit -n)", jvm.openFileLimit())
                    .add("time of each of 20 answers meanwhile (ms)", answers)
                    .add("resident memory before (MiB)", before / 1024 / 1024)
                    .add("resident memory with them (MiB)", jvm.residentBytes() / 1024 / 1024)
                    .add("threads with them", jvm.liveThreads())
                    .write();
        }
    }
}
