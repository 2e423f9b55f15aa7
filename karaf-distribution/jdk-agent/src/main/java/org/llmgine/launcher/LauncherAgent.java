package org.llmgine.launcher;

import java.io.PrintStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.Optional;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * Prepare the JVM before Karaf's main class runs: adapt two classes to this JDK, let Ctrl-C and a closed terminal stop
 * the host as cleanly as SIGTERM does and, with the argument {@value #CHECK_SETTINGS}, check the settings.
 */
public final class LauncherAgent {
    /** The agent's argument that asks for the check; tests that embed Karaf leave it out. */
    static final String CHECK_SETTINGS = "check-settings";

    /** EX_CONFIG of sysexits.h. */
    static final int EXIT_CONFIG = 78;

    /** EX_SOFTWARE of sysexits.h. */
    static final int EXIT_SOFTWARE = 70;

    private LauncherAgent() {}

    /**
     * Run as the JVM's agent. A bad setting ends the JVM with status 78 and one line on standard error, a JDK that can't
     * be adapted with 70.
     *
     * @param argument {@value #CHECK_SETTINGS}, or nothing
     */
    public static void premain(@Nullable String argument, Instrumentation instrumentation) {
        PrintStream err = System.err;
        if (CHECK_SETTINGS.equals(argument)) {
            Path data = Path.of(System.getProperty("karaf.data", "data"));
            Optional<String> problem = new Settings(System.getenv(), data).problem();
            if (problem.isPresent()) {
                err.println(problem.get());
                System.exit(EXIT_CONFIG);
            }
        }
        try {
            adapt(instrumentation, err);
        } catch (Exception | LinkageError e) {
            err.println("JDK " + Runtime.version() + " can't run the host (" + e + "); use a JDK 25.");
            System.exit(EXIT_SOFTWARE);
        }
        stopOn("INT");
        stopOn("HUP");
    }

    @SuppressWarnings({"removal", "NullAway"}) // calling it is how to see that the patch is in
    private static void adapt(Instrumentation instrumentation, PrintStream err) throws Exception {
        instrumentation.addTransformer(new SubjectPatch(failure -> err.println("llmgine: " + failure)), true);
        instrumentation.retransformClasses(Subject.class);
        Subject.getSubject(null);
    }

    /** Karaf's orderly stop hangs on SIGTERM alone. */
    private static void stopOn(String signal) {
        Signal.handle(new Signal(signal), received -> Signal.raise(new Signal("TERM")));
    }
}
