package org.llmgine.cli;

/** Ends a command with a message for people and an exit code. */
final class HostException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final int status;

    /** Say what is wrong before a host answered, or with the connection to it. */
    HostException(int exitCode, String message) {
        this(exitCode, 0, message);
    }

    /** Say what the host answered with an HTTP status. */
    HostException(int exitCode, int status, String message) {
        super(message);
        this.exitCode = exitCode;
        this.status = status;
    }

    int exitCode() {
        return exitCode;
    }

    /** Whether the host doesn't have, or no longer, what this id names. */
    boolean missing(String id) {
        return status == 404 && String.valueOf(getMessage()).contains(id);
    }

    /** Whether the same request may succeed in a moment: nobody answered, or a host that still starts, or is too busy. */
    boolean passing() {
        return status == 0 && exitCode != ExitCode.NO_PERMISSION
                || exitCode == ExitCode.UNREACHABLE
                || status == 429
                || status == 502
                || status == 503
                || status == 504;
    }
}
