package org.llmgine.cli;

/** Names what the process exits with; Ctrl-C gives 130. */
final class ExitCode {
    static final int OK = 0;

    /** The host reported an error. */
    static final int ERROR = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** No host answers. */
    static final int UNREACHABLE = 69;

    /** There is no key, or the host doesn't accept it. */
    static final int NO_PERMISSION = 77;

    private ExitCode() {}
}
