package org.llmgine.tool.calculator.internal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Knows the functions and the constants. */
final class Functions {
    private static final BigDecimal PI = new BigDecimal("3.1415926535897932384626433832795028841971693993751");
    private static final BigDecimal E = new BigDecimal("2.7182818284590452353602874713526624977572470937000");

    private Functions() {}

    static Ratio constant(String name, int position) throws ExpressionException {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "pi", "π" -> Ratio.of(PI, false);
            case "e" -> Ratio.of(E, false);
            default -> throw new ExpressionException("unknown name '" + name + "' at " + position);
        };
    }

    static Ratio call(String name, int position, List<Ratio> arguments) throws ExpressionException {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "min" -> Collections.min(arguments);
            case "max" -> Collections.max(arguments);
            case "abs" -> only(name, position, arguments).abs();
            case "floor" -> only(name, position, arguments).whole(RoundingMode.FLOOR);
            case "ceil" -> only(name, position, arguments).whole(RoundingMode.CEILING);
            case "sqrt" -> only(name, position, arguments).squareRoot();
            case "round" ->
                switch (arguments.size()) {
                    case 1 -> arguments.getFirst().whole(RoundingMode.HALF_UP);
                    case 2 -> round(position, arguments.getFirst(), arguments.getLast());
                    default -> throw new ExpressionException("'round' at " + position + " takes one or two arguments");
                };
            default -> throw new ExpressionException("unknown function '" + name + "' at " + position);
        };
    }

    private static Ratio round(int position, Ratio value, Ratio decimals) throws ExpressionException {
        if (!decimals.isDigits()) {
            throw new ExpressionException("the decimals of 'round' at " + position + " must be a whole number from -"
                    + Ratio.MAX_DIGITS + " to " + Ratio.MAX_DIGITS);
        }
        return value.round(decimals);
    }

    private static Ratio only(String name, int position, List<Ratio> arguments) throws ExpressionException {
        if (arguments.size() != 1) {
            throw new ExpressionException("'" + name + "' at " + position + " takes one argument");
        }
        return arguments.getFirst();
    }
}
