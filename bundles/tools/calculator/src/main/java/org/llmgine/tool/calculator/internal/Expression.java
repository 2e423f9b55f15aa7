package org.llmgine.tool.calculator.internal;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses and evaluates by recursive descent, one method per line of the grammar:
 *
 * <pre>
 * sum     = product { ("+" | "-") product }
 * product = signed { ("*" | "/" | "%") signed }
 * signed  = ("-" | "+") signed | power
 * power   = primary [ "^" signed ]                    binds to the right, and closer than the sign before it
 * primary = number | "(" sum ")" | constant | function "(" sum { "," sum } ")"
 * </pre>
 *
 * <p>{@code ×}, {@code ·} and {@code x} between two operands, {@code ÷}, {@code −} and {@code **} mean what they look like.
 * Length and depth are bounded; {@link Ratio} bounds the numbers.
 */
final class Expression {
    private static final int MAX_LENGTH = 2_000;
    private static final int MAX_DEPTH = 100;
    private static final char END = '\0';

    private final String text;
    private int position;
    private int depth;

    private Expression(String text) {
        this.text = text;
    }

    /** Evaluate a text. Positions in messages count characters from 1. */
    static Ratio evaluate(String text) throws ExpressionException {
        if (text.length() > MAX_LENGTH) {
            throw new ExpressionException("the expression is longer than " + MAX_LENGTH + " characters");
        }
        Expression expression = new Expression(text);
        Ratio value = expression.sum();
        if (expression.peek() != END) {
            throw expression.unexpected();
        }
        return value;
    }

    private Ratio sum() throws ExpressionException {
        Ratio value = product();
        while (true) {
            if (accept("+")) {
                value = value.plus(product());
            } else if (accept("-−")) {
                value = value.plus(product().negate());
            } else {
                return value;
            }
        }
    }

    private Ratio product() throws ExpressionException {
        Ratio value = signed();
        while (true) {
            if (accept("*×·xX")) {
                value = value.times(signed());
            } else if (accept("/÷")) {
                value = value.dividedBy(signed());
            } else if (accept("%")) {
                value = value.remainder(signed());
            } else {
                return value;
            }
        }
    }

    private Ratio signed() throws ExpressionException {
        if (++depth > MAX_DEPTH) {
            throw new ExpressionException("it is nested deeper than " + MAX_DEPTH + " levels at " + (position + 1));
        }
        try {
            if (accept("-−")) {
                return signed().negate();
            }
            return accept("+") ? signed() : power();
        } finally {
            depth--;
        }
    }

    private Ratio power() throws ExpressionException {
        Ratio base = primary();
        return acceptPower() ? base.power(signed()) : base;
    }

    private Ratio primary() throws ExpressionException {
        char next = peek();
        if (isDigit(next) || next == '.') {
            return number();
        }
        if (accept("(")) {
            Ratio value = sum();
            expect(')');
            return value;
        }
        if (!Character.isLetter(next)) {
            throw unexpected();
        }
        int start = position;
        String name = name();
        return accept("(") ? Functions.call(name, start + 1, arguments()) : Functions.constant(name, start + 1);
    }

    private List<Ratio> arguments() throws ExpressionException {
        List<Ratio> arguments = new ArrayList<>();
        do {
            arguments.add(sum());
        } while (accept(","));
        expect(')');
        return arguments;
    }

    private Ratio number() throws ExpressionException {
        int start = position;
        digits();
        if (position < text.length() && text.charAt(position) == '.') {
            position++;
            digits();
        }
        int end = position;
        if (position < text.length() && "eE".indexOf(text.charAt(position)) >= 0) {
            position++;
            if (position < text.length() && "+-".indexOf(text.charAt(position)) >= 0) {
                position++;
            }
            int exponent = position;
            digits();
            end = position > exponent ? position : end;
        }
        position = end;
        String number = text.substring(start, end);
        try {
            return Ratio.of(new BigDecimal(number), true);
        } catch (NumberFormatException e) {
            throw new ExpressionException("'" + number + "' at " + (start + 1) + " is no number");
        }
    }

    private void digits() {
        while (position < text.length() && isDigit(text.charAt(position))) {
            position++;
        }
    }

    private String name() {
        int start = position;
        while (position < text.length() && Character.isLetterOrDigit(text.charAt(position))) {
            position++;
        }
        return text.substring(start, position);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Skip white space and return the next character, {@link #END} at the end. */
    private char peek() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
        return position < text.length() ? text.charAt(position) : END;
    }

    private boolean accept(String oneOf) {
        char next = peek();
        if (next == END || oneOf.indexOf(next) < 0 || (next == '*' && text.startsWith("**", position))) {
            return false;
        }
        position++;
        return true;
    }

    private boolean acceptPower() {
        if (peek() == '*' && text.startsWith("**", position)) {
            position += 2;
            return true;
        }
        return accept("^");
    }

    private void expect(char wanted) throws ExpressionException {
        if (!accept(String.valueOf(wanted))) {
            char next = peek();
            throw new ExpressionException("expected '" + wanted + "' at " + (position + 1) + ", found "
                    + (next == END ? "the end" : "'" + next + "'"));
        }
    }

    private ExpressionException unexpected() {
        char next = peek();
        return new ExpressionException(
                next == END
                        ? "the expression ends where a number is expected"
                        : "unexpected '" + next + "' at " + (position + 1));
    }
}
