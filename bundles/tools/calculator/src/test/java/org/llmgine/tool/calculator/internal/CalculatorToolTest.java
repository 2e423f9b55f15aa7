package org.llmgine.tool.calculator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.FakeToolContext;

class CalculatorToolTest {
    private final CalculatorTool tool = new CalculatorTool();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    17*23                    | 391
                    0.1 + 0.2                | 0.3
                    2 + 3 * 4                | 14
                    (2 + 3) * 4              | 20
                    10 - 4 - 3               | 3
                    100 / 10 / 5             | 2
                    1.50 + 1.50              | 3
                    1000 * 1000              | 1000000
                    2 ^ 10                   | 1024
                    2 ** 10                  | 1024
                    2 ^ 3 ^ 2                | 512
                    -2 ^ 2                   | -4
                    2 ^ -2                   | 0.25
                    10 ^ -3                  | 0.001
                    0 ^ 0                    | 1
                    0 ^ 5                    | 0
                    1 ^ 999999999            | 1
                    (-1) ^ 999999998         | 1
                    (-1) ^ 999999999         | -1
                    (-1) ^ -1                | -1
                    0.5 ^ 2                  | 0.25
                    10 % 3                   | 1
                    -7 % 3                   | -1
                    5.5 % 2                  | 1.5
                    - - 3                    | 3
                    +3 - -3                  | 6
                    6 × 7                    | 42
                    6 x 7                    | 42
                    6X7                      | 42
                    6 · 7                    | 42
                    84 ÷ 2                   | 42
                    44 − 2                   | 42
                    1e3                      | 1000
                    1.5E-2                   | 0.015
                    .5 + 2.                  | 2.5
                    sqrt(16)                 | 4
                    sqrt(2)                  | 1.414213562373095048801688724209698
                    sqrt(0)                  | 0
                    abs(-4.5)                | 4.5
                    min(3, 1, 2)             | 1
                    max(3, 1, 2)             | 3
                    floor(-1.5)              | -2
                    ceil(1.2)                | 2
                    round(2.5)               | 3
                    round(-2.5)              | -3
                    round(3.14159, 2)        | 3.14
                    round(1234, -2)          | 1200
                    round(2 * PI, 4)         | 6.2832
                    π - pi                   | 0
                    floor(e)                 | 2
                    1 / 1024                 | 0.0009765625
                    1 / 3                    | 0.3333333333333333333333333333333333
                    2 / 3                    | 0.6666666666666666666666666666666667
                    1 / 3 * 3                | 1
                    floor(1 / 3 * 3)         | 1
                    1/7 + 1/11 - 18/77       | 0
                    sqrt(2) ^ 2              | 2
                    sqrt(1/9) * 3            | 1
                    sqrt(0.25)               | 0.5
                    1 / 2^40                 | 0.0000000000009094947017729282379150390625
                    (10^40 + 2) / 2          | 5000000000000000000000000000000000000001
                    99999999999999999999 + 1 | 100000000000000000000
                    """)
    void calculates(String expression, String value) {
        assertThat(call(expression)).isEqualTo(ToolResult.text(value));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    1 / 0              | division by zero
                    1 % 0              | division by zero
                    0 ^ -1             | division by zero
                    2 + ) 3            | unexpected ')' at 5
                    2 3                | unexpected '3' at 3
                    1,000              | unexpected ',' at 2
                    2 $ 3              | unexpected '$' at 3
                    (2 + 3             | expected ')' at 7, found the end
                    (2 + 3 4)          | expected ')' at 8, found '4'
                    min(1; 2)          | expected ')' at 6, found ';'
                    2 +                | the expression ends where a number is expected
                    ''                 | the expression ends where a number is expected
                    1.2.3              | unexpected '.' at 4
                    2 + .              | '.' at 5 is no number
                    1e9999999999       | '1e9999999999' at 1 is no number
                    3 * foo            | unknown name 'foo' at 5
                    3 * foo(2)         | unknown function 'foo' at 5
                    sqrt(1, 2)         | 'sqrt' at 1 takes one argument
                    round(1, 2, 3)     | 'round' at 1 takes one or two arguments
                    round(1, 0.5)      | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    round(1, 2^40)     | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    round(1, 1001)     | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    round(1, -1001)    | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    round(1/3, 20000000)  | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    round(1/3, 400000000) | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    round(1/3, 999999999) | the decimals of 'round' at 1 must be a whole number from -1000 to 1000
                    2 + round(1, -2^31)   | the decimals of 'round' at 5 must be a whole number from -1000 to 1000
                    sqrt(-1)           | the square root of a negative number
                    2 ^ 0.5            | the exponent 0.5 is no whole number (for a square root there is sqrt)
                    """)
    void saysWhatIsWrong(String expression, String problem) {
        assertThat(call(expression)).isEqualTo(ToolResult.error("Can't calculate this: " + problem + "."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e1001",
                "1e-1001",
                "1e999999999",
                "9^9^9",
                "10^1500",
                "10 ^ -1500",
                "2^99999999999999999999",
                "0.5^99999",
                "(-2)^99999999999",
                "1e900 * 1e900",
                "1e1000 * 9 + 1e1000",
                "round(1e900, 900)",
                "1e1000 % 1e-1000",
                "1e-2147483647",
            })
    void refusesNumbersThatAreTooLong(String expression) {
        assertThat(call(expression))
                .isEqualTo(ToolResult.error("Can't calculate this: a number gets longer than 1000 digits."));
    }

    @Test
    void takesTheLongestNumbers() {
        assertThat(call("1e999 + 1e-1")).isEqualTo(ToolResult.text("1" + "0".repeat(999) + ".1"));
    }

    @Test
    @Timeout(10)
    void boundsItsWork() {
        assertThat(call("(".repeat(1000)))
                .isEqualTo(ToolResult.error("Can't calculate this: it is nested deeper than 100 levels at 101."));
        assertThat(call("-".repeat(1000) + "1").isError()).isTrue();
        assertThat(call("1+".repeat(1000) + "1"))
                .isEqualTo(ToolResult.error("Can't calculate this: the expression is longer than 2000 characters."));
        assertThat(call("1+".repeat(999) + "1")).isEqualTo(ToolResult.text("1000"));
        assertThat(call("sqrt(3^2000/7^1100)*0+".repeat(80) + "1")).isEqualTo(ToolResult.text("1"));
    }

    @Test
    @Timeout(20)
    void boundsEveryNumberThatAnExpressionNames() {
        List<String> numbers = List.of(
                "0",
                "-1",
                "1/3",
                "1e1000",
                "1e-1000",
                "1e999999999",
                "1e-2147483647",
                "0e999999999",
                "999999999",
                "400000000",
                "-2^31",
                "2^63",
                "9^999",
                "7^-999",
                "(2^2000/3^1000)",
                "9".repeat(1_000));
        List<String> forms = List.of(
                "%s^%s",
                "%s %% %s",
                "%s*%s",
                "%s/%s",
                "%s-%s",
                "round(%s, %s)",
                "min(%s, %s)",
                "max(%s, %s)",
                "sqrt(%s)^%s",
                "floor(%s)^%s",
                "ceil(%s) %% sqrt(%s)",
                "abs(%s)^2^%s");
        int refused = 0;

        for (String form : forms) {
            for (String left : numbers) {
                for (String right : numbers) {
                    String expression = form.formatted(left, right);
                    try {
                        Ratio value = Expression.evaluate(expression);
                        assertThat(value.numerator().bitLength()).as(expression).isLessThanOrEqualTo(Ratio.MAX_BITS);
                        assertThat(value.denominator().bitLength())
                                .as(expression)
                                .isLessThanOrEqualTo(Ratio.MAX_BITS);
                        assertThat(value.toString()).as(expression).hasSizeLessThan(5 * Ratio.MAX_DIGITS);
                    } catch (ExpressionException e) {
                        refused++;
                        assertThat(e.getMessage()).as(expression).hasSizeLessThan(5 * Ratio.MAX_DIGITS);
                    }
                }
            }
        }

        assertThat(refused).isBetween(500, forms.size() * numbers.size() * numbers.size() - 500);
    }

    @Test
    void describesItself() {
        assertThat(tool.definition().name()).isEqualTo("calculator");
        assertThat(tool.definition().description()).contains("sqrt", "%");
        assertThat(tool.definition().timeout()).isEqualTo(Optional.empty());
    }

    private ToolResult call(String expression) {
        return tool.call(new CalculatorTool.Arguments(expression), new FakeToolContext());
    }
}
