package org.llmgine.cli;

/** Ends a command with a message for people and an exit code. */
final class HostException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    HostException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
