package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.FakeSettings;
import org.llmgine.testkit.FakeToolContext;

class UnitConverterTest {
    private final UnitConverter converter = converter(Map.of());

    static UnitConverter converter(Map<String, Object> settings) {
        return new UnitConverter(FakeSettings.of(UnitConverterSettings.class, settings));
    }

    @ParameterizedTest
    @CsvSource({
        "3, mi, km, 3 mi = 4.82803 km",
        "1, lb, g, 1 lb = 453.592 g",
        "100, km/h, mph, 100 km/h = 62.1371 mph",
        "-40, C, F, -40 C = -40 F",
        "20, C, F, 20 C = 68 F",
        "0, kg, lb, 0 kg = 0 lb",
        "1, GiB, MB, 1 GiB = 1073.74 MB",
        "1.5, h, s, 1.5 h = 5400 s",
    })
    void converts(double value, String from, String to, String result) {
        assertThat(call(converter, value, from, to)).isEqualTo(ToolResult.text(result));
    }

    @Test
    void givesAsManyDigitsAsAreConfigured() {
        assertThat(call(converter(Map.of("significantDigits", 3)), 3, "mi", "km"))
                .isEqualTo(ToolResult.text("3 mi = 4.83 km"));
    }

    @Test
    void tellsTheModelWhatToDoOtherwise() {
        assertThat(error(1, "furlong", "m")).startsWith("There is no unit 'furlong'. There are: m, mm, cm, km,");
        assertThat(error(1, "m", "kg")).isEqualTo("'m' is a length and 'kg' a mass: nothing converts one into the other.");
        assertThat(error(1e308, "km", "mm")).isEqualTo("The result is too large.");
    }

    private String error(double value, String from, String to) {
        ToolResult result = call(converter, value, from, to);
        assertThat(result.isError()).isTrue();
        return ((TextPart) result.content().getFirst()).text();
    }

    private static ToolResult call(UnitConverter converter, double value, String from, String to) {
        return converter.call(new UnitConverter.Arguments(value, from, to), new FakeToolContext());
    }
}
