package org.llmgine.http.internal;

import java.util.Objects;

/** Says in a sentence what is wrong with which file. */
final class TlsProblem extends Exception {
    private static final long serialVersionUID = 1L;

    TlsProblem(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
