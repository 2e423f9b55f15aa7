package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedHost.class)
final class LogsIT {
    @Test
    void theLogIsReadAndFollowed(Host host) throws IOException {
        try (Shell shell = host.shell()) {
            shell.run("log:log 'the first line'");
            JsonNode lines = host.api().json("/api/logs?limit=2000").path("items");
            assertThat(lines.findValuesAsText("message")).contains("the first line");
            assertThat(lines.findValuesAsText("level")).doesNotContain("DEBUG");

            try (ChatStream stream = new ChatStream(host.api().follow("/api/logs?follow=true&limit=1", ""))) {
                shell.run("log:log 'the second line'");
                String seen = "";
                while (!seen.contains("the second line")) {
                    seen = stream.next().orElseThrow();
                }
                assertThat(seen).startsWith("data: {\"time\":\"20").contains("\"level\":\"INFO\"");
            }
        }
    }

    @Test
    void aFollowerIsNotFedByItsOwnSending(Host host) throws IOException {
        try (Shell shell = host.shell();
                ChatStream stream =
                        new ChatStream(host.api().follow("/api/logs?follow=true&limit=0&level=TRACE", ""))) {
            shell.run("log:set TRACE org.eclipse.jetty");
            try {
                shell.run("log:log 'the line before'");
                shell.run("log:log 'the line after'");
                int others = 0;
                String seen = "";
                while (!seen.contains("the line after")) {
                    seen = stream.next().orElseThrow();
                    others += seen.contains("org.eclipse.jetty") ? 1 : 0;
                }
                assertThat(others).isZero();
            } finally {
                shell.run("log:set DEFAULT org.eclipse.jetty");
            }
        }
    }

    @Test
    void onlyOperatorsReadIt(Host host) {
        HttpResponse<String> nobody = host.api("").get("/api/logs");
        HttpResponse<String> wrong = host.api().get("/api/logs?level=LOUD");

        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("\"field\":\"level\"");
    }
}
