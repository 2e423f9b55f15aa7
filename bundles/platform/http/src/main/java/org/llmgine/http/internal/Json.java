package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Reads and writes JSON; one per application, so that Jackson's caches go with it. */
final class Json {
    private static final int MAX_DEPTH = 200;
    /** An empty object is two tokens, and a hundred bytes of memory. */
    private static final int MAX_TOKENS = 200_000;

    private static final int SMALL_BYTES = 512;
    private static final int LARGE_BYTES = 1024 * 1024;
    private static final int LARGE_AT_A_TIME = 8;
    private static final Duration LARGE_WAIT = Duration.ofSeconds(5);

    private final JsonMapper mapper;
    private final Semaphore large = new Semaphore(LARGE_AT_A_TIME, true);

    private final Duration largeWait;

    Json() {
        this(LARGE_WAIT);
    }

    Json(Duration largeWait) {
        this.largeWait = largeWait;
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxTokenCount(MAX_TOKENS)
                // The body's size is limited where it is read.
                .maxStringLength(Integer.MAX_VALUE)
                .build();
        mapper = JsonMapper.builder(JsonFactory.builder()
                        // By threads, as Jackson has it by default, a virtual thread would find its buffers never
                        // again.
                        .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                        .streamReadConstraints(constraints)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .build();
    }

    ObjectNode object() {
        return mapper.createObjectNode();
    }

    /** Read a request's body, which must be one JSON object. Only so many large ones are read at a time. */
    At read(InputStream body) {
        try {
            // Whole, so that a refused body leaves nothing behind that would cost the connection.
            byte[] begin = begin(body);
            return begin.length < LARGE_BYTES ? object(begin) : readLarge(begin, body);
        } catch (IOException e) {
            throw Problem.bodyFailed(e);
        }
    }

    private static byte[] begin(InputStream body) throws IOException {
        // As a rule, all of a small body is there already.
        byte[] bytes = new byte[Math.clamp(body.available() + 1L, SMALL_BYTES, LARGE_BYTES)];
        int count = body.readNBytes(bytes, 0, bytes.length);
        while (count == bytes.length && count < LARGE_BYTES) {
            bytes = Arrays.copyOf(bytes, Math.min(2 * count, LARGE_BYTES));
            count += body.readNBytes(bytes, count, bytes.length - count);
        }
        return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    }

    private At readLarge(byte[] begin, InputStream rest) throws IOException {
        try {
            if (!large.tryAcquire(largeWait.toMillis(), TimeUnit.MILLISECONDS)) {
                throw overloaded();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw overloaded();
        }
        try {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.writeBytes(begin);
            rest.transferTo(whole);
            return object(whole.toByteArray());
        } finally {
            large.release();
        }
    }

    private At object(byte[] body) throws IOException {
        if (!mayBeUtf8(body)) {
            throw invalid("The body is not UTF-8, which JSON must be.").withHint("Send it in UTF-8.");
        }
        JsonNode node;
        try {
            node = mapper.readTree(body);
        } catch (JsonProcessingException e) {
            throw complaint(e);
        } catch (CharConversionException e) {
            throw invalid("The body is not UTF-8, which JSON must be.").withHint("Send it in UTF-8.");
        }
        if (node.isMissingNode()) {
            throw invalid("The body is empty; a JSON object is needed.");
        }
        if (!node.isObject()) {
            throw invalid("The body must be a JSON object, got " + At.kind(node) + ".");
        }
        return new At(node, "");
    }

    /** JSON's first character is ASCII: in UTF-16 and UTF-32 a zero is beside it, or a byte order mark before it. */
    private static boolean mayBeUtf8(byte[] body) {
        return body.length < 2 || body[0] != 0 && body[1] != 0 && body[0] != (byte) 0xfe && body[0] != (byte) 0xff;
    }

    byte[] bytes(Object value) {
        try {
            return mapper.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(JsonNode node) {
        return node.toString();
    }

    /** Turn plain Java values into a node. */
    JsonNode tree(Object value) {
        return mapper.valueToTree(value);
    }

    /** Turn a node into plain Java values. */
    Object plain(JsonNode node) {
        return mapper.convertValue(node, Object.class);
    }

    JsonNode parse(String json) {
        try {
            return mapper.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LlmgineException invalid(String message) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, message);
    }

    private static LlmgineException overloaded() {
        return new LlmgineException(ErrorCode.OVERLOADED, "Too many large requests are being read.")
                .withHint("Try again soon, or send less than " + LARGE_BYTES + " bytes.");
    }

    /** In our own words: Jackson's are for programmers, and name classes and settings. */
    private static LlmgineException complaint(JsonProcessingException failure) {
        JsonLocation location = failure.getLocation();
        String where =
                location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
        String theirs = failure.getOriginalMessage();
        return switch (failure) {
            case StreamConstraintsException e ->
                invalid("The body is JSON beyond the host's limits" + where + ": " + limit(theirs) + ".")
                        .withHint("Send less, or less deep.");
            case MismatchedInputException e
            when theirs.startsWith("Duplicate") ->
                invalid("The body has a field twice in one object" + where + ".")
                        .withHint("Leave one of them out.");
            case MismatchedInputException e ->
                invalid("The body is not one JSON object: something follows it" + where + ".")
                        .withHint("Send one object.");
            case JsonEOFException e ->
                invalid("The body is not valid JSON" + where + ": it ends too early.")
                        .withHint("Close every string, array and object.");
            default ->
                invalid("The body is not valid JSON" + where + ".")
                        .withHint("Check the quotes, commas, brackets and escapes there.");
        };
    }

    private static String limit(String theirs) {
        String lower = theirs.toLowerCase(Locale.ROOT);
        if (lower.contains("nesting depth")) {
            return "it is nested deeper than " + MAX_DEPTH;
        }
        if (lower.contains("token count")) {
            return "it has more than " + MAX_TOKENS + " names, values and brackets";
        }
        if (lower.contains("number")) {
            return "a number is longer than " + StreamReadConstraints.DEFAULT_MAX_NUM_LEN + " digits";
        }
        return "a name is longer than " + StreamReadConstraints.DEFAULT_MAX_NAME_LEN + " characters";
    }
}
