package org.llmgine.tool.calculator.internal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Knows the functions and the constants. */
final class Functions {
    private static final BigDecimal PI = new BigDecimal("3.141592653589793238462643383279503");
    private static final BigDecimal E = new BigDecimal("2.718281828459045235360287471352662");

    private Functions() {}

    static BigDecimal constant(String name, int position) throws ExpressionException {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "pi", "π" -> PI;
            case "e" -> E;
            default -> throw new ExpressionException("unknown name '" + name + "' at " + position);
        };
    }

    static BigDecimal call(String name, int position, List<BigDecimal> arguments) throws ExpressionException {
        BigDecimal first = arguments.getFirst();
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "min" -> Collections.min(arguments);
            case "max" -> Collections.max(arguments);
            case "abs" -> only(name, position, arguments).abs();
            case "floor" -> only(name, position, arguments).setScale(0, RoundingMode.FLOOR);
            case "ceil" -> only(name, position, arguments).setScale(0, RoundingMode.CEILING);
            case "sqrt" -> Arithmetic.squareRoot(only(name, position, arguments));
            case "round" ->
                switch (arguments.size()) {
                    case 1 -> Arithmetic.round(first, BigDecimal.ZERO);
                    case 2 -> Arithmetic.round(first, arguments.get(1));
                    default -> throw new ExpressionException("'round' at " + position + " takes one or two arguments");
                };
            default -> throw new ExpressionException("unknown function '" + name + "' at " + position);
        };
    }

    private static BigDecimal only(String name, int position, List<BigDecimal> arguments) throws ExpressionException {
        if (arguments.size() != 1) {
            throw new ExpressionException("'" + name + "' at " + position + " takes one argument");
        }
        return arguments.getFirst();
    }
}
