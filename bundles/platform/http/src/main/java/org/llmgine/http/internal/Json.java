package org.llmgine.http.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Reads and writes JSON; one per application, so that Jackson's caches go with it. */
final class Json {
    private static final int MAX_DEPTH = 200;

    private final JsonMapper mapper;

    Json() {
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                // The body's size is limited where it is read.
                .maxStringLength(Integer.MAX_VALUE)
                .build();
        mapper = JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(constraints).build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .build();
    }

    ObjectNode object() {
        return mapper.createObjectNode();
    }

    /** Read a request's body, which must be one JSON object. */
    At read(InputStream body) {
        JsonNode node;
        try {
            // Whole, so that a refused body leaves nothing behind that would cost the connection.
            node = mapper.readTree(body.readAllBytes());
        } catch (StreamConstraintsException e) {
            throw invalid("The body is no JSON that the host takes: " + sentence(e.getOriginalMessage()));
        } catch (MismatchedInputException e) {
            throw invalid("The body is not one JSON object" + where(e.getLocation()) + ": "
                    + sentence(e.getOriginalMessage()));
        } catch (JsonProcessingException e) {
            throw invalid("The body is not valid JSON" + where(e.getLocation()) + ": "
                            + sentence(e.getOriginalMessage()))
                    .withHint("Check the quotes, commas and brackets there.");
        } catch (IOException e) {
            throw Problem.bodyFailed(e);
        }
        if (node.isMissingNode()) {
            throw invalid("The body is empty; a JSON object is needed.");
        }
        if (!node.isObject()) {
            throw invalid("The body must be a JSON object, got " + At.kind(node) + ".");
        }
        return new At(node, "");
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

    private static String where(JsonLocation location) {
        return " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** Jackson's first line without its hints for programmers. */
    private static String sentence(String message) {
        String line = message.lines().findFirst().orElse("");
        int hint = line.indexOf(" (for ");
        return hint < 0 ? line : line.substring(0, hint);
    }
}
