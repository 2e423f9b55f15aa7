package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

class ProblemTest {
    private final Json json = new Json();

    static Stream<ErrorCode> codes() {
        return Arrays.stream(ErrorCode.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .map(field -> {
                    try {
                        return (ErrorCode) field.get(null);
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("codes")
    void everyCodeOfTheHostHasItsStatusAndTitle(ErrorCode code) {
        assertThat(Problem.STATUS).containsKey(code.name());
        Problem problem = Problem.of(new LlmgineException(code, "It failed."));
        String body = problem.problem(json).toString();
        if (problem.status() != 500) {
            assertThat(body).doesNotContain("Internal Server Error");
        }
    }

    @ParameterizedTest
    @CsvSource({"true,503", "false,500"})
    void aPluginsOwnCodeIsItsFault(boolean retryable, int status) {
        assertThat(Problem.of(new LlmgineException(new ErrorCode("odd", retryable), "Odd."))
                        .status())
                .isEqualTo(status);
    }

    @Test
    void aWaitIsToldInWholeSeconds() {
        LlmgineException busy = new LlmgineException(ErrorCode.OVERLOADED, "Busy.");
        assertThat(Problem.of(busy).headers()).containsEntry("Retry-After", "1");
        assertThat(Problem.of(busy.withRetryAfter(Duration.ofMillis(1))).headers())
                .containsEntry("Retry-After", "1");
        assertThat(Problem.of(busy.withRetryAfter(Duration.ofMillis(2001))).headers())
                .containsEntry("Retry-After", "3");
        assertThat(Problem.of(new LlmgineException(ErrorCode.NOT_FOUND, "Nothing."))
                        .headers())
                .isEqualTo(Map.of("Cache-Control", "no-store"));
        LlmgineException away = new LlmgineException(ErrorCode.UNAVAILABLE, "Its settings are wrong.");
        assertThat(Problem.of(away).headers()).doesNotContainKey("Retry-After");
        assertThat(Problem.of(away.withRetryAfter(Duration.ofSeconds(5))).headers())
                .containsEntry("Retry-After", "5");
    }

    @Test
    void bothFormsTellEverything() {
        Problem problem = Problem.of(new LlmgineException(ErrorCode.INVALID_REQUEST, "Wrong.")
                .withHint("Mend it.")
                .withField("a.b"));

        assertThat(problem.openAi(json))
                .hasToString("{\"error\":{\"message\":\"Wrong. Mend it.\",\"type\":\"invalid_request_error\","
                        + "\"param\":\"a.b\",\"code\":\"invalid_request\"}}");
        assertThat(problem.problem(json))
                .hasToString("{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"Wrong.\","
                        + "\"code\":\"invalid_request\",\"hint\":\"Mend it.\",\"field\":\"a.b\"}");
    }

    @Test
    void whatWasEchoedIsShortened() {
        Problem long1 = Problem.of(
                new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model '" + "x".repeat(1_000_000) + "'.")
                        .withField("f".repeat(100_000)));
        Problem wide = Problem.of(new LlmgineException(ErrorCode.NOT_FOUND, "No " + "a b ".repeat(100_000) + "here."));

        assertThat(long1.message())
                .startsWith("There is no model 'xxx")
                .endsWith("x…'.")
                .hasSizeLessThan(120);
        assertThat(long1.field().orElseThrow()).hasSizeLessThan(100);
        assertThat(wide.message()).endsWith("here.").hasSizeLessThan(2100);
        assertThat(Problem.of(new LlmgineException(ErrorCode.NOT_FOUND, "No \ud800 here."))
                        .message())
                .isEqualTo("No ? here.");
        String address = "See https://example.org/" + "p".repeat(100) + " for more.";
        assertThat(Problem.of(new LlmgineException(ErrorCode.NOT_FOUND, address))
                        .message())
                .isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 405, 408, 413, 414, 417, 426, 431, 500, 503, 505})
    void jettysOwnRefusalsAreSentences(int status) {
        Problem problem = JettyErrors.problem(status, null);

        assertThat(problem.message()).endsWith(".");
        assertThat(problem.hint()).isPresent();
        assertThat(problem.status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"/v1,true", "/v1/models,true", "/v10,false", "/api/keys,false", "'',false"})
    void onlyTheOpenAiPathsHaveItsForm(String path, boolean openAi) {
        assertThat(Problem.inOpenAiShape(path)).isEqualTo(openAi);
        assertThat(Problem.mediaType(path)).isEqualTo(openAi ? "application/json" : "application/problem+json");
    }
}
