package org.llmgine.provider.openai.internal;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Turns what goes wrong between us and a back-end into the host's codes, with the back-end's words.
 *
 * @param baseUrl the back-end
 * @param keyHint where the key comes from
 * @param secrets what no message may hold
 */
record Failures(JsonFactory json, URI baseUrl, String keyHint, List<String> secrets, InstantSource clock) {
    private static final Duration MAX_WAIT = Duration.ofDays(1);
    private static final Pattern END = Pattern.compile("[.!?…。！？][\"'”’)\\]]*$");

    /** Tell of an answer that is an error. */
    LlmgineException of(int status, HttpHeaders headers, String body) {
        if (status < 400) {
            String target = headers.firstValue("location")
                    .map(to -> " and points to " + Complaint.shortened(withoutSecrets(to)))
                    .orElse("");
            return failure(ErrorCode.PROVIDER_ERROR, "answered " + status + target + ".")
                    .withHint("Check the baseUrl of this instance.");
        }
        Complaint complaint = Complaint.of(json, body, this::withoutSecrets);
        LlmgineException failure = classified(status, complaint, "answered " + status);
        if (status == 408 || status == 429 || status >= 500) {
            retryAfter(headers).ifPresent(failure::withRetryAfter);
        }
        return failure;
    }

    /** Tell of an error that came in the place of an answer, or in its midst. */
    LlmgineException inAnswer(@Nullable Object said) {
        Complaint complaint = Complaint.of(said, this::withoutSecrets);
        return classified(complaint.status(), complaint, "broke off its answer");
    }

    private LlmgineException classified(int status, Complaint complaint, String what) {
        boolean blamesRequest = status < 500 || complaint.isJson();
        if (blamesRequest && isTooLong(complaint)) {
            return failure(ErrorCode.CONTEXT_TOO_LONG, what, complaint);
        }
        if (status < 500 && status != 401 && isRefused(complaint)) {
            return failure(ErrorCode.CONTENT_REFUSED, what, complaint);
        }
        if (status == 402 || complaint.says("insufficient_quota", "insufficient balance", "insufficient credits")) {
            return failure(ErrorCode.PROVIDER_AUTH, what, complaint)
                    .withHint(
                            "The account at the back-end has no credit left: add some, or use another key. " + keyHint);
        }
        if (status == 401 || status == 403 || complaint.says("invalid_api_key", "authentication_error")) {
            return failure(ErrorCode.PROVIDER_AUTH, what, complaint).withHint(keyHint);
        }
        if (status == 404 && isWrongPath(complaint)) {
            return failure(ErrorCode.PROVIDER_ERROR, what, complaint)
                    .withHint("There is no API at " + baseUrl + ": the baseUrl ends with /v1 as a rule.");
        }
        if (isUnknownModel(status, complaint)) {
            return failure(ErrorCode.MODEL_NOT_FOUND, what, complaint).withField("model");
        }
        if (status == 408 || status == 429 || complaint.says("rate_limit", "rate limit", "too many requests")) {
            return failure(ErrorCode.RATE_LIMITED, what, complaint);
        }
        if (status == 413) {
            return failure(ErrorCode.TOO_LARGE, what, complaint);
        }
        if (status >= 500 || status == 0 || status == 405) {
            return failure(ErrorCode.PROVIDER_ERROR, what, complaint);
        }
        LlmgineException invalid = failure(ErrorCode.INVALID_REQUEST, what, complaint);
        return complaint.param().isEmpty() ? invalid : invalid.withField(complaint.param());
    }

    private static boolean isTooLong(Complaint complaint) {
        return complaint.says(
                "context_length",
                "context length",
                "context window",
                "context size",
                "maximum context",
                "prompt is too long",
                "prompt too long",
                "input is too long",
                "too many tokens",
                "max_model_len",
                "exceed_context",
                "maximum number of tokens",
                "reduce the length of the");
    }

    private static boolean isRefused(Complaint complaint) {
        return complaint.says(
                "content_filter",
                "content_policy",
                "content policy",
                "content management policy",
                "content exists risk",
                "responsibleaipolicy",
                "moderation",
                "safety system",
                "usage policies",
                "data_inspection_failed");
    }

    /** Tell whether nothing is there, and it isn't the model that is missed. */
    private static boolean isWrongPath(Complaint complaint) {
        String words = complaint.words().toLowerCase(Locale.ROOT);
        return !complaint.isJson() || words.isEmpty() || (words.endsWith("not found") && !complaint.says("model"));
    }

    private static boolean isUnknownModel(int status, Complaint complaint) {
        return complaint.says(
                        "model_not_found",
                        "model_not_exist",
                        "model not exist",
                        "not a valid model",
                        "no endpoints found for",
                        "invalid model")
                || (status == 404 && complaint.says("model", "does not exist"));
    }

    /** Tell of a request that got no answer. */
    LlmgineException noAnswer(IOException cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return switch (cause) {
            case HttpConnectTimeoutException e ->
                failure(ErrorCode.UNAVAILABLE, "can't be reached: no connection came about in time.", e)
                        .withHint("Check the baseUrl and the proxy of this instance, and the network; the limit is the"
                                + " setting connectTimeoutMs.");
            case ConnectException e
            when hasCause(e, UnresolvedAddressException.class) || hasCause(e, UnknownHostException.class) ->
                failure(ErrorCode.UNAVAILABLE, "can't be reached: there is no machine of that name.", e)
                        .withHint("Check the baseUrl of this instance, and the network.");
            case ConnectException e ->
                failure(ErrorCode.UNAVAILABLE, "can't be reached: the connection was refused.", e)
                        .withHint("Check whether it runs, and the baseUrl and the proxy of this instance.");
            case SSLException e ->
                failure(ErrorCode.UNAVAILABLE, "can't be reached over TLS: " + withoutSecrets(reason) + ".", e)
                        .withHint(
                                "Check the baseUrl of this instance, and whether its certificate is trusted by the JDK.");
            default -> failure(ErrorCode.PROVIDER_ERROR, "broke the connection off before it answered.", cause);
        };
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private LlmgineException failure(ErrorCode code, String what, Complaint complaint) {
        String words = withoutStars(complaint.words());
        String sentence = words.isEmpty() ? what + " and gave no reason." : what + ": " + ended(words);
        return failure(code, sentence);
    }

    /** End a back-end's words as a sentence, because a hint may follow them. */
    private static String ended(String words) {
        return END.matcher(words).find() ? words : words + ".";
    }

    private LlmgineException failure(ErrorCode code, String what) {
        return new LlmgineException(code, "The back-end " + place() + " " + what);
    }

    private LlmgineException failure(ErrorCode code, String what, IOException cause) {
        return new LlmgineException(code, "The back-end " + place() + " " + what, cause);
    }

    private String place() {
        return baseUrl.getPort() < 0 ? baseUrl.getHost() : baseUrl.getHost() + ":" + baseUrl.getPort();
    }

    private String withoutSecrets(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, "…");
        }
        return clean;
    }

    /** Take out words with stars, which back-ends put in the place of most of a key. */
    private static String withoutStars(String text) {
        String clean = text;
        int stars = clean.indexOf("***");
        while (stars >= 0) {
            int from = clean.lastIndexOf(' ', stars) + 1;
            int to = clean.indexOf(' ', stars);
            clean = clean.substring(0, from) + "…" + (to < 0 ? "" : clean.substring(to));
            stars = clean.indexOf("***");
        }
        return clean;
    }

    private Optional<Duration> retryAfter(HttpHeaders headers) {
        return headers.firstValue("retry-after-ms")
                .flatMap(text -> seconds(text, 0.001))
                .or(() -> headers.firstValue("retry-after")
                        .flatMap(text -> seconds(text, 1).or(() -> until(text))))
                .or(() -> reset(headers, "-requests"))
                .or(() -> reset(headers, "-tokens"))
                .or(() -> headers.firstValue("x-ratelimit-reset").flatMap(this::untilEpoch))
                .map(wait -> wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait);
    }

    private static Optional<Duration> reset(HttpHeaders headers, String of) {
        return headers.firstValue("x-ratelimit-remaining" + of)
                .filter(left -> left.strip().equals("0"))
                .flatMap(none -> headers.firstValue("x-ratelimit-reset" + of))
                .flatMap(text -> seconds(text, 1).or(() -> span(text)));
    }

    private static Optional<Duration> seconds(String text, double unit) {
        try {
            double seconds = Double.parseDouble(text.strip()) * unit;
            return seconds >= 0 && seconds < Integer.MAX_VALUE
                    ? Optional.of(Duration.ofMillis((long) Math.ceil(seconds * 1000)))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Optional<Duration> until(String date) {
        try {
            return Optional.of(until(ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private Duration until(Instant then) {
        Duration wait = Duration.between(clock.instant(), then);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    /** Read a point in time, in seconds or milliseconds. */
    private Optional<Duration> untilEpoch(String text) {
        try {
            long number = Long.parseLong(text.strip());
            boolean isMillis = number > 100_000_000_000L;
            return number < 1_000_000_000L || number > 100_000_000_000_000L
                    ? Optional.empty()
                    : Optional.of(until(isMillis ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Read a span such as {@code 6m0s} or {@code 12ms}. */
    private static Optional<Duration> span(String text) {
        Duration sum = Duration.ZERO;
        int at = 0;
        while (at < text.length()) {
            int unit = at;
            while (unit < text.length() && (Character.isDigit(text.charAt(unit)) || text.charAt(unit) == '.')) {
                unit++;
            }
            int end = unit;
            while (end < text.length() && Character.isLetter(text.charAt(end))) {
                end++;
            }
            double factor = switch (text.substring(unit, end)) {
                case "d" -> 86_400;
                case "h" -> 3_600;
                case "m" -> 60;
                case "s" -> 1;
                case "ms" -> 0.001;
                default -> -1;
            };
            Optional<Duration> part = factor < 0 ? Optional.empty() : seconds(text.substring(at, unit), factor);
            if (part.isEmpty()) {
                return Optional.empty();
            }
            sum = sum.plus(part.get());
            at = end;
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(sum);
    }
}
