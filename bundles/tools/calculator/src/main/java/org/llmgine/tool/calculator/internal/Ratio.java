package org.llmgine.tool.calculator.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Calculates with fractions, so that nothing is rounded on the way: {@code 1/3*3} is 1.
 *
 * <p>Only square roots and constants are rounded, to {@link #WORKING}; whatever they touch is not exact. A whole number, a
 * numerator and a denominator have at most {@value #MAX_DIGITS} digits.
 *
 * @param numerator has no common factor with the denominator
 * @param denominator above 0
 * @param exact whether nothing was rounded
 */
record Ratio(BigInteger numerator, BigInteger denominator, boolean exact) implements Comparable<Ratio> {
    static final int MAX_DIGITS = 1_000;
    static final int MAX_BITS = BigInteger.TEN.pow(MAX_DIGITS).bitLength();
    static final Ratio ONE = new Ratio(BigInteger.ONE, BigInteger.ONE, true);

    private static final MathContext WORKING = new MathContext(50, RoundingMode.HALF_EVEN);
    private static final MathContext SHOWN = MathContext.DECIMAL128;

    private static Ratio of(BigInteger numerator, BigInteger denominator, boolean exact) throws ExpressionException {
        BigInteger factor = numerator.gcd(denominator);
        BigInteger sign = BigInteger.valueOf(denominator.signum());
        return bounded(new Ratio(
                numerator.divide(factor).multiply(sign),
                denominator.divide(factor).abs(),
                exact));
    }

    private static Ratio bounded(Ratio ratio) throws ExpressionException {
        if (Math.max(ratio.numerator.bitLength(), ratio.denominator.bitLength()) > MAX_BITS) {
            throw tooLong();
        }
        return ratio;
    }

    static Ratio of(BigDecimal value, boolean exact) throws ExpressionException {
        BigDecimal stripped = value.stripTrailingZeros();
        // A short text can name a huge number: its size is judged before it is spelled out.
        if (Math.abs((long) stripped.scale()) > MAX_DIGITS) {
            throw tooLong();
        }
        return stripped.scale() < 0
                ? of(stripped.toBigIntegerExact(), BigInteger.ONE, exact)
                : of(stripped.unscaledValue(), BigInteger.TEN.pow(stripped.scale()), exact);
    }

    Ratio negate() {
        return new Ratio(numerator.negate(), denominator, exact);
    }

    Ratio abs() {
        return new Ratio(numerator.abs(), denominator, exact);
    }

    Ratio plus(Ratio other) throws ExpressionException {
        return of(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator),
                exact && other.exact);
    }

    Ratio times(Ratio other) throws ExpressionException {
        return of(numerator.multiply(other.numerator), denominator.multiply(other.denominator), exact && other.exact);
    }

    Ratio dividedBy(Ratio other) throws ExpressionException {
        if (other.numerator.signum() == 0) {
            throw new ExpressionException("division by zero");
        }
        return of(numerator.multiply(other.denominator), denominator.multiply(other.numerator), exact && other.exact);
    }

    /** Return what is left over of a division towards zero; it has the sign of this. */
    Ratio remainder(Ratio other) throws ExpressionException {
        Ratio quotient = dividedBy(other);
        BigInteger whole = quotient.numerator.divide(quotient.denominator);
        return plus(other.times(new Ratio(whole.negate(), BigInteger.ONE, true)));
    }

    Ratio power(Ratio exponent) throws ExpressionException {
        if (!exponent.isWhole()) {
            throw new ExpressionException(
                    "the exponent " + exponent + " is no whole number (for a square root there is sqrt)");
        }
        BigInteger times = exponent.numerator.abs();
        Ratio base = exponent.numerator.signum() < 0 ? ONE.dividedBy(this) : this;
        if (base.isWhole() && base.numerator.abs().compareTo(BigInteger.ONE) <= 0) {
            boolean even = base.numerator.signum() < 0 ? !times.testBit(0) : times.signum() == 0;
            return even ? ONE : base;
        }
        // The size of the power is judged before it is calculated.
        int bits = Math.max(base.numerator.abs().bitLength(), base.denominator.bitLength()) - 1;
        if (times.multiply(BigInteger.valueOf(bits)).compareTo(BigInteger.valueOf(MAX_BITS)) > 0) {
            throw tooLong();
        }
        int n = times.intValueExact();
        return bounded(new Ratio(base.numerator.pow(n), base.denominator.pow(n), exact));
    }

    Ratio squareRoot() throws ExpressionException {
        if (numerator.signum() < 0) {
            throw new ExpressionException("the square root of a negative number");
        }
        BigInteger[] root = numerator.sqrtAndRemainder();
        BigInteger[] divisor = denominator.sqrtAndRemainder();
        return root[1].signum() == 0 && divisor[1].signum() == 0
                ? new Ratio(root[0], divisor[0], exact)
                : of(decimal(WORKING).sqrt(WORKING), false);
    }

    /** Round to a whole number. */
    Ratio whole(RoundingMode mode) {
        BigInteger rounded = new BigDecimal(numerator)
                .divide(new BigDecimal(denominator), 0, mode)
                .toBigIntegerExact();
        return new Ratio(rounded, BigInteger.ONE, exact);
    }

    /** Tell whether this is a whole number of digits that a number can have, on either side of the point. */
    boolean isDigits() {
        return isWhole() && numerator.abs().compareTo(BigInteger.valueOf(MAX_DIGITS)) <= 0;
    }

    /** Round to so many decimals, a number that {@link #isDigits}, half away from zero as people do. */
    Ratio round(Ratio decimals) throws ExpressionException {
        Ratio shift = of(BigDecimal.ONE.movePointRight(decimals.numerator.intValueExact()), true);
        return times(shift).whole(RoundingMode.HALF_UP).dividedBy(shift);
    }

    @Override
    public int compareTo(Ratio other) {
        return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }

    private boolean isWhole() {
        return denominator.equals(BigInteger.ONE);
    }

    private BigDecimal decimal(MathContext precision) {
        return new BigDecimal(numerator).divide(new BigDecimal(denominator), precision);
    }

    /** Return the decimal number: in full where it is exact and comes to an end, else with 34 significant digits. */
    @Override
    public String toString() {
        BigDecimal decimal;
        try {
            decimal = exact ? new BigDecimal(numerator).divide(new BigDecimal(denominator)) : decimal(SHOWN);
        } catch (ArithmeticException e) {
            decimal = decimal(SHOWN);
        }
        return decimal.stripTrailingZeros().toPlainString();
    }

    private static ExpressionException tooLong() {
        return new ExpressionException("a number gets longer than " + MAX_DIGITS + " digits");
    }
}
