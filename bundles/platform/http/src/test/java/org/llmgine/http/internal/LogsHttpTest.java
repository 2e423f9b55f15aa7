package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.LogFilter;
import org.llmgine.core.command.LogLine;

@Timeout(60)
class LogsHttpTest {
    private static final LogLine FIRST = new LogLine(
            Instant.parse("2026-11-22T10:00:00.5Z"), "INFO", "org.llmgine.core", "Ready.", Optional.empty());
    private static final LogLine SECOND = new LogLine(
            Instant.parse("2026-11-22T10:00:01Z"),
            "ERROR",
            "org.llmgine.core",
            "It \"broke\".\nTwice.",
            Optional.of("java.lang.IllegalStateException: no"));
    private static final String FIRST_JSON =
            "{\"time\":\"2026-11-22T10:00:00.500Z\",\"level\":\"INFO\",\"logger\":\"org.llmgine.core\","
                    + "\"message\":\"Ready.\"}";
    private static final String SECOND_JSON =
            "{\"time\":\"2026-11-22T10:00:01Z\",\"level\":\"ERROR\",\"logger\":\"org.llmgine.core\","
                    + "\"message\":\"It \\\"broke\\\".\\nTwice.\",\"exception\":\"java.lang.IllegalStateException: no\"}";

    private final BlockingQueue<LogFilter> filters = new LinkedBlockingQueue<>();
    private Host host;

    @BeforeEach
    void start() throws Exception {
        host = new Host();
        host.commands.logs = filter -> {
            filters.add(filter);
            return List.of(FIRST, SECOND);
        };
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    @Test
    void theLatestLinesAreListed() throws Exception {
        HttpResponse<String> response = host.get("/api/logs");

        assertThat(response.body()).isEqualTo("{\"items\":[" + FIRST_JSON + "," + SECOND_JSON + "]}");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(filters.take()).isEqualTo(new LogFilter("INFO", "", 100));
        host.get("/api/logs?level=warn&logger=org.llmgine&limit=2000&follow=false");
        assertThat(filters.take()).isEqualTo(new LogFilter("warn", "org.llmgine", 2000));
    }

    @ParameterizedTest
    @CsvSource({
        "limit=many,limit",
        "limit=-1,limit",
        "limit=2001,limit",
        "follow=yes,follow",
        "limt=1,limt",
        "follow=true&q=1,q"
    })
    void whatIsWrongIsNamed(String query, String field) throws Exception {
        HttpResponse<String> response = host.get("/api/logs?" + query);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"" + field + "\"");
    }

    @Test
    void whoMayNotIsToldSoAlsoWhenFollowing() throws Exception {
        host.commands.logs = filter -> {
            throw new LlmgineException(ErrorCode.FORBIDDEN, "A higher role is needed.");
        };
        assertThat(host.get("/api/logs").statusCode()).isEqualTo(403);
        assertThat(host.get("/api/logs?follow=true").statusCode()).isEqualTo(403);
    }

    @Test
    void aFollowerGetsLinesAsTheyComeAndPingsBetween() throws Exception {
        HttpResponse<InputStream> response = host.client.send(
                host.request("/api/logs?follow=true").build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        try (InputStream body = response.body()) {
            BufferedReader in = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
            assertThat(lines(in, 2)).containsExactly(": log", "");
            assertThat(lines(in, 6))
                    .containsExactly("event: log", "data: " + FIRST_JSON, "", "event: log", "data: " + SECOND_JSON, "");
            host.commands.logLines.add(FIRST);
            assertThat(lines(in, 3)).containsExactly("event: log", "data: " + FIRST_JSON, "");
            while (!in.ready()) {
                host.timer.roundIn(Duration.ofSeconds(6));
            }
            assertThat(lines(in, 2)).containsExactly(": ping", "");
        }
        // Its leaving is noticed at a ping and ends the work.
        while (host.timer.heartbeats() > 0) {
            host.timer.roundIn(Duration.ofSeconds(6));
        }
    }

    private static List<String> lines(BufferedReader in, int count) throws IOException {
        String[] lines = new String[count];
        for (int i = 0; i < count; i++) {
            lines[i] = in.readLine();
        }
        return List.of(lines);
    }
}
