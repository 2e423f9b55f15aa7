package org.llmgine.tool.calculator.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Calculates with exact decimals of at most {@value #MAX_DIGITS} digits before and {@value #MAX_DIGITS} after the point.
 *
 * <p>What has no exact value of that size (1/3, sqrt(2)) is rounded to 34 significant digits, half to even
 * ({@link MathContext#DECIMAL128}).
 */
final class Arithmetic {
    static final int MAX_DIGITS = 1_000;

    private static final double DIGITS_PER_BIT = Math.log10(2);

    private Arithmetic() {}

    static BigDecimal number(String text, int position) throws ExpressionException {
        try {
            return bounded(new BigDecimal(text));
        } catch (NumberFormatException e) {
            throw new ExpressionException("'" + text + "' at " + position + " is no number");
        }
    }

    static BigDecimal add(BigDecimal a, BigDecimal b) throws ExpressionException {
        return bounded(a.add(b));
    }

    static BigDecimal multiply(BigDecimal a, BigDecimal b) throws ExpressionException {
        return bounded(a.multiply(b));
    }

    static BigDecimal divide(BigDecimal a, BigDecimal b) throws ExpressionException {
        if (b.signum() == 0) {
            throw new ExpressionException("division by zero");
        }
        try {
            BigDecimal exact = a.divide(b);
            if (fits(exact.stripTrailingZeros())) {
                return exact;
            }
        } catch (ArithmeticException e) {
            // The quotient's decimals never end.
        }
        return bounded(a.divide(b, MathContext.DECIMAL128));
    }

    static BigDecimal remainder(BigDecimal a, BigDecimal b) throws ExpressionException {
        if (b.signum() == 0) {
            throw new ExpressionException("division by zero");
        }
        return bounded(a.remainder(b));
    }

    static BigDecimal power(BigDecimal base, BigDecimal exponent) throws ExpressionException {
        BigDecimal whole = exponent.stripTrailingZeros();
        if (whole.scale() > 0) {
            throw new ExpressionException("the exponent " + exponent.toPlainString()
                    + " is no whole number (for a square root there is sqrt)");
        }
        if (base.signum() == 0 && whole.signum() < 0) {
            throw new ExpressionException("division by zero");
        }
        BigDecimal stripped = base.stripTrailingZeros();
        if (stripped.signum() == 0 || stripped.abs().compareTo(BigDecimal.ONE) == 0) {
            boolean positive = stripped.signum() >= 0 || !whole.toBigInteger().testBit(0);
            return whole.signum() == 0 || (positive && stripped.signum() != 0) ? BigDecimal.ONE : stripped;
        }
        // A small expression can ask for a huge power: its size is judged before it is calculated.
        double times = Math.min(whole.abs().doubleValue(), 1e9);
        double digits = (stripped.unscaledValue().abs().bitLength() - 1) * DIGITS_PER_BIT * times;
        if (Math.max(digits, Math.abs((double) stripped.scale()) * times) > 2.0 * MAX_DIGITS) {
            throw tooLong();
        }
        BigDecimal power = stripped.pow(whole.abs().intValueExact());
        return whole.signum() < 0 ? divide(BigDecimal.ONE, power) : bounded(power);
    }

    static BigDecimal squareRoot(BigDecimal value) throws ExpressionException {
        if (value.signum() < 0) {
            throw new ExpressionException("the square root of a negative number");
        }
        return value.sqrt(MathContext.DECIMAL128);
    }

    /** Round to so many decimals, half away from zero as people do. */
    static BigDecimal round(BigDecimal value, BigDecimal decimals) throws ExpressionException {
        BigDecimal whole = decimals.stripTrailingZeros();
        if (whole.scale() > 0 || whole.abs().compareTo(BigDecimal.valueOf(MAX_DIGITS)) > 0) {
            throw new ExpressionException("the decimals to round to must be a whole number up to " + MAX_DIGITS);
        }
        return bounded(value.setScale(whole.intValueExact(), RoundingMode.HALF_UP));
    }

    private static BigDecimal bounded(BigDecimal value) throws ExpressionException {
        BigDecimal stripped = value.stripTrailingZeros();
        if (!fits(stripped)) {
            throw tooLong();
        }
        return stripped;
    }

    private static boolean fits(BigDecimal stripped) {
        return stripped.scale() <= MAX_DIGITS && stripped.precision() - (long) stripped.scale() <= MAX_DIGITS;
    }

    private static ExpressionException tooLong() {
        return new ExpressionException("a number has more than " + MAX_DIGITS + " digits before or after the point");
    }
}
