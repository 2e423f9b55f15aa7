package org.llmgine.launcher;

import java.io.IOException;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.security.auth.Subject;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.apache.karaf.util.jaas.JaasHelper;
import sun.misc.Signal;

/** Runs in a JVM with the agent, as Karaf does, and prints what it sees. */
@SuppressWarnings("removal") // what Karaf calls is the subject
final class Guest {
    private Guest() {}

    public static void main(String[] args) throws Exception {
        System.out.println("outside " + user());
        Subject alice = subject("alice");
        Subject bob = subject("bob");

        System.out.println("doAs " + JaasHelper.doAs(alice, (PrivilegedAction<String>) Guest::user));
        System.out.println("checked doAs " + JaasHelper.doAs(alice, (PrivilegedExceptionAction<String>) Guest::user));
        JaasHelper.runAs(
                alice,
                () -> System.out.println(
                        "nested " + JaasHelper.doAs(bob, (PrivilegedAction<String>) Guest::user) + " in " + user()));
        System.out.println("nobody " + JaasHelper.doAs(null, (PrivilegedAction<String>) Guest::user));
        System.out.println(
                "thread " + JaasHelper.doAs(alice, (PrivilegedExceptionAction<String>) Guest::userOfNewThread));
        System.out.println("called as " + Subject.callAs(bob, Guest::user));

        failing("unchecked", () -> {
            throw new IllegalStateException("boom");
        });
        failing("wrapper", () -> {
            throw new CompletionException("its own", null);
        });
        failing("checked", () -> {
            throw new IOException("disk");
        });
        failing("error", () -> {
            throw new StackOverflowError("deep");
        });
        try {
            JaasHelper.doAs(alice, (PrivilegedAction<String>) () -> Guest.throwUnseen(new IOException("unseen")));
        } catch (RuntimeException e) {
            System.out.println("unseen " + e.getClass().getSimpleName() + " of " + e.getCause());
        }
        System.out.println("after " + user());

        for (String signal : new String[] {"INT", "HUP"}) {
            CountDownLatch terminated = new CountDownLatch(1);
            Signal.handle(new Signal("TERM"), received -> terminated.countDown());
            Signal.raise(new Signal(signal));
            // What the process was told to ignore, by nohup for example, it ignores.
            boolean comes = terminated.await(10, TimeUnit.SECONDS);
            System.out.println(signal + (comes ? " terminates" : " is ignored"));
        }
    }

    private static void failing(String what, PrivilegedExceptionAction<String> action) {
        try {
            JaasHelper.doAs(subject("alice"), action);
        } catch (PrivilegedActionException e) {
            System.out.println(what + " wrapped " + e.getCause());
        } catch (RuntimeException | Error e) {
            System.out.println(what + " " + e);
        }
    }

    private static Subject subject(String name) {
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(name));
        return subject;
    }

    private static String user() {
        Subject subject = Subject.getSubject(AccessController.getContext());
        return subject == null
                ? "nobody"
                : subject.getPrincipals().iterator().next().getName();
    }

    private static String userOfNewThread() throws InterruptedException {
        String[] user = {""};
        Thread thread = new Thread(() -> user[0] = user());
        thread.start();
        thread.join();
        return user[0];
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T, E extends Throwable> T throwUnseen(Throwable e) throws E {
        throw (E) e;
    }
}
