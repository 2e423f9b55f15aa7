package org.llmgine.provider.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

class FailuresTest {
    private final Failures failures = Streams.failures("sk-very-secret");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | {"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}} | context_too_long
            400 | {"object":"error","message":"This model's maximum context length is 4096 tokens","type":"BadRequestError","code":400} | context_too_long
            400 | {"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}} | context_too_long
            500 | {"error":{"message":"the prompt is too long"}} | context_too_long
            413 | {"error":{"message":"Please reduce the length of the messages"}} | context_too_long
            413 | {"error":{"message":"Request Entity Too Large"}} | too_large
            400 | {"error":{"message":"flagged","code":"content_policy_violation"}} | content_refused
            400 | {"error":{"message":"The response was filtered due to Azure's content management policy","code":"content_filter"}} | content_refused
            400 | {"error":{"message":"Content Exists Risk"}} | content_refused
            403 | {"error":{"message":"Input was flagged by moderation"}} | content_refused
            400 | {"error":{"message":"bad","param":"top_p"}} | invalid_request
            422 | {"detail":[{"loc":["body","temperature"],"msg":"too hot"}]} | invalid_request
            409 | {"error":{"message":"conflict"}} | invalid_request
            401 | {"error":{"message":"Incorrect API key provided"}} | provider_auth
            403 | {"detail":"Forbidden"} | provider_auth
            402 | {"error":{"message":"Insufficient Balance"}} | provider_auth
            429 | {"error":{"message":"You exceeded your quota","code":"insufficient_quota"}} | provider_auth
            404 | {"error":{"message":"The model `gpt-9` does not exist","code":"model_not_found"}} | model_not_found
            404 | {"error":"model 'llama9' not found, try pulling it first"} | model_not_found
            400 | {"error":{"message":"Model Not Exist"}} | model_not_found
            400 | {"error":{"message":"foo is not a valid model ID"}} | model_not_found
            404 | {"error":{"message":"No endpoints found that support tool use"}} | invalid_request
            404 | {"error":{"message":"No endpoints found for foo/bar."}} | model_not_found
            404 | 404 page not found | provider_error
            404 | {"detail":"Not Found"} | provider_error
            404 | {"error":{"code":404,"message":"File Not Found","type":"not_found_error"}} | provider_error
            401 | {"error":{"message":"Deactivated for what the usage policies forbid"}} | provider_auth
            405 | | provider_error
            408 | | rate_limited
            429 | | rate_limited
            500 | {"error":{"message":"boom"}} | provider_error
            503 | <html><body>Service Unavailable</body></html> | provider_error
            529 | {"error":{"message":"Overloaded"}} | provider_error
            502 | <p>the context length of this page</p> | provider_error
            """)
    void aStatusAndItsWordsHaveACode(int status, String body, String code) {
        assertThat(of(status, body == null ? "" : body).code().name()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"error":{"message":"m","type":"t"}} | answered 400: m.
            {"error":"text"} | answered 400: text.
            {"message":"text"} | answered 400: text.
            {"detail":"text"} | answered 400: text.
            {"detail":[{"loc":["body","a",0],"msg":"bad"},{"msg":"worse"}]} | answered 400: a.0: bad; worse.
            [{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}] | answered 400: m.
            {"errors":["one","two"]} | answered 400: one; two.
            "text" | answered 400: text.
            {"error":{"message":"Provider returned error","metadata":{"raw":"upstream says no"}}} | answered 400: Provider returned error: upstream says no.
            {"error":"Really?"} | answered 400: Really?
            {"error":"Say \\"please.\\""} | answered 400: Say "please."
            {"unknown":1} | answered 400 and gave no reason.
            [] | answered 400 and gave no reason.
            {"broken | answered 400: {"broken.
            <html><head><title>Bad</title><style>x{}</style><script>if(a<b){}</script></head><body><h1>Bad  request</h1></body> | answered 400: Bad Bad request.
            <html><script>unclosed | answered 400 and gave no reason.
            """)
    void theBackEndsWordsAreFoundInEveryForm(String body, String end) {
        assertThat(of(400, body)).hasMessage("The back-end backend.test " + end);
    }

    @Test
    void noSecretIsRepeated() {
        LlmgineException failure = of(
                401,
                "{\"error\":{\"message\":\"Incorrect API key provided: sk-ve********cret. Your key sk-very-secret is"
                        + " bad.\"}}");

        assertThat(failure)
                .hasMessage("The back-end backend.test answered 401: Incorrect API key provided: … Your key … is bad.");
        assertThat(failure.hint()).contains("The key comes from the environment variable THE_KEY.");
        assertThat(of(402, "").hint().orElseThrow()).contains("no credit left");
    }

    @Test
    void noSecretIsRepeatedInPartOrBesideTheWords() {
        String before = "x".repeat(992);
        LlmgineException cut =
                of(400, "{\"error\":{\"message\":\"" + before + " sk-very-secret\",\"param\":\"k=sk-very-secret\"}}");
        assertThat(cut).hasMessage("The back-end backend.test answered 400: " + before + " …");
        assertThat(cut.field()).contains("k=…");

        assertThat(of(500, "<b>" + "x".repeat(195) + " sk-very-secret")).hasMessageEndingWith("x …");
        assertThat(failures.of(307, headers("location", "https://x.test/?key=sk-very-secret"), ""))
                .hasMessageEndingWith("points to https://x.test/?key=….");
    }

    @Test
    void longWordsAreCut() {
        assertThat(of(500, "{\"error\":\"" + "word ".repeat(1000) + "\"}").getMessage())
                .hasSizeLessThan(1100);
        assertThat(of(500, "<b>" + "word ".repeat(1000)).getMessage()).hasSizeLessThan(300);
    }

    @Test
    void theFieldAtFaultIsNamed() {
        assertThat(of(400, "{\"error\":{\"message\":\"m\",\"param\":\"messages[0].role\"}}")
                        .field())
                .contains("messages[0].role");
        assertThat(of(422, "{\"detail\":[{\"loc\":[\"body\",\"top_p\"],\"msg\":\"m\"}]}")
                        .field())
                .contains("top_p");
        assertThat(of(404, "{\"error\":\"model gone\"}").field()).contains("model");
        assertThat(of(400, "{\"error\":{\"message\":\"m\",\"param\":\"" + "p".repeat(1000) + "\"}}")
                        .field()
                        .orElseThrow())
                .hasSizeLessThan(300);
    }

    @Test
    void redirectsAreNotFollowedButTold() {
        LlmgineException failure = failures.of(308, headers("location", "https://elsewhere.test/"), "");

        assertThat(failure).hasMessage("The back-end backend.test answered 308 and points to https://elsewhere.test/.");
        assertThat(failure.hint().orElseThrow()).contains("baseUrl");
    }

    @Test
    void theTimeToWaitIsReadFromEveryHeader() {
        assertThat(wait("retry-after", "7")).isEqualTo(Duration.ofSeconds(7));
        assertThat(wait("retry-after", "0.25")).isEqualTo(Duration.ofMillis(250));
        assertThat(wait("retry-after", "Thu, 01 Jan 2026 00:01:00 GMT")).isEqualTo(Duration.ofMinutes(1));
        assertThat(wait("retry-after", "Wed, 31 Dec 2025 00:01:00 GMT")).isZero();
        assertThat(wait("retry-after-ms", "1500", "retry-after", "9")).isEqualTo(Duration.ofMillis(1500));
        assertThat(wait("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1m6.5s"))
                .isEqualTo(Duration.ofMillis(66_500));
        assertThat(wait("x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "12ms"))
                .isEqualTo(Duration.ofMillis(12));
        assertThat(wait("x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "1d2h"))
                .isEqualTo(Duration.ofDays(1));
        assertThat(wait("x-ratelimit-reset", "" + Streams.NOW.plusSeconds(5).getEpochSecond()))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(wait("x-ratelimit-reset", "" + Streams.NOW.plusSeconds(5).toEpochMilli()))
                .isEqualTo(Duration.ofSeconds(5));
        for (String[] none : new String[][] {
            {"retry-after", "soon"},
            {"retry-after", "-1"},
            {"x-ratelimit-remaining-requests", "3", "x-ratelimit-reset-requests", "1s"},
            {"x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1y"},
            {"x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", ""},
            {"x-ratelimit-reset", "60"},
            {"x-ratelimit-reset", "tomorrow"},
        }) {
            assertThat(failures.of(429, headers(none), "").retryAfter())
                    .as(Arrays.toString(none))
                    .isEmpty();
        }
        assertThat(failures.of(503, headers("retry-after", "3"), "").retryAfter())
                .contains(Duration.ofSeconds(3));
        assertThat(failures.of(400, headers("retry-after", "3"), "").retryAfter())
                .isEmpty();
    }

    @Test
    void whatKeepsAnAnswerFromComingIsSaid() {
        ConnectException unknown = new ConnectException();
        unknown.initCause(new UnresolvedAddressException());
        assertNoAnswer(unknown, ErrorCode.UNAVAILABLE, "no machine of that name");
        assertNoAnswer(new ConnectException(), ErrorCode.UNAVAILABLE, "the connection was refused");
        assertNoAnswer(new HttpConnectTimeoutException("slow"), ErrorCode.UNAVAILABLE, "in time");
        assertNoAnswer(new SSLHandshakeException("unknown CA"), ErrorCode.UNAVAILABLE, "over TLS: unknown CA");
        assertNoAnswer(new IOException(), ErrorCode.PROVIDER_ERROR, "before it answered");
    }

    private void assertNoAnswer(IOException cause, ErrorCode code, String words) {
        assertThat(failures.noAnswer(cause)).satisfies(failure -> {
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure).hasMessageContaining(words).hasCause(cause);
        });
    }

    private LlmgineException of(int status, String body) {
        return failures.of(status, headers(), body);
    }

    private Duration wait(String... headers) {
        return failures.of(429, headers(headers), "").retryAfter().orElseThrow();
    }

    private static HttpHeaders headers(String... headers) {
        Map<String, List<String>> map = new TreeMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], List.of(headers[i + 1]));
        }
        return HttpHeaders.of(map, (name, value) -> true);
    }
}
