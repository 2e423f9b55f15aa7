package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void whatIsWrittenIsReadAgain() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", "a \"quoted\" \n line ü");
        object.put("number", 3);
        object.put("flag", true);
        object.put("list", List.of(1, "two", Map.of("three", false)));

        assertThat(Json.read(Json.write(object))).isEqualTo(object);
    }

    @Test
    void nullIsAValue() {
        assertThat(Json.at(Json.read("{\"a\":[null,{\"b\":\"c\"}]}"), "a", 0)).isNull();
        assertThat(Json.text(Json.read("{\"a\":[null,{\"b\":\"c\"}]}"), "a", 1, "b"))
                .isEqualTo("c");
    }

    @Test
    void whatIsNoObjectIsNull() {
        assertThat(Json.read("")).isNull();
        assertThat(Json.read("[1]")).isNull();
        assertThat(Json.read("{\"a\":")).isNull();
        assertThat(Json.read("{\"a\":[")).isNull();
        assertThat(Json.read("<html>")).isNull();
    }

    @Test
    void aPathThatLeadsNowhereIsEmpty() {
        Object value = Json.read("{\"a\":[{\"b\":1}]}");

        assertThat(Json.text(value, "a", 0, "b")).isEmpty();
        assertThat(Json.text(value, "a", 1, "b")).isEmpty();
        assertThat(Json.text(value, "a", "b")).isEmpty();
        assertThat(Json.text(value, "x", "y")).isEmpty();
    }
}
