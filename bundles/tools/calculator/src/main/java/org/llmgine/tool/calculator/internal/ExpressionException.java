package org.llmgine.tool.calculator.internal;

/** Says why an expression has no value. */
final class ExpressionException extends Exception {
    private static final long serialVersionUID = 1L;

    ExpressionException(String message) {
        super(message);
    }
}
