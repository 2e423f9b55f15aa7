package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatHttpTest {
    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = new Host();
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @Test
    void aStreamHasTheFormOfOpenAis() throws Exception {
        HttpResponse<String> response =
                host.chat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true}");
        System.out.println(response.statusCode() + " " + response.headers() + "\n" + response.body());
        response = host.chat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        System.out.println(response.statusCode() + " " + response.headers() + "\n" + response.body());
        response = host.get("/nope");
        System.out.println(response.statusCode() + " " + response.headers() + "\n" + response.body());
        assertThat(response.statusCode()).isEqualTo(404);
    }
}
