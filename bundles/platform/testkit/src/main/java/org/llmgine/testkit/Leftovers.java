package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for what a plugin leaves behind when it has gone: threads, and what still holds it. */
final class Leftovers {
    /** A virtual thread in a thread dump; platform threads are listed by the JVM with more to tell them apart by. */
    private static final Pattern VIRTUAL = Pattern.compile("(?m)^#(\\d+) \"(.*)\" virtual");

    /** The JDK's own virtual threads, which wait for sockets. */
    private static final Pattern POLLER = Pattern.compile(".*Poller.*");

    private static final Set<String> GROUPS_OF_THE_JDK = Set.of("system", "InnocuousThreadGroup");

    private Leftovers() {}

    /** What a contract does with a plugin before it goes. */
    interface Use<P> {
        /** Use it. */
        void with(P plugin) throws Exception;
    }

    /** Make a plugin, use it, let it go, and check that its threads end and that nothing holds it. */
    static <P> void check(Supplier<P> plugins, Use<P> use, Consumer<P> deactivate, Duration patience)
            throws InterruptedException {
        Map<Long, String> before = threads();
        WeakReference<P> gone = Call.virtual("the plugin's life", () -> {
                    P plugin = plugins.get();
                    use.with(plugin);
                    deactivate.accept(plugin);
                    return new WeakReference<>(plugin);
                })
                .await(patience.multipliedBy(2))
                .value();

        Map<Long, String> left = new TreeMap<>();
        Call.until(patience, () -> {
            left.clear();
            left.putAll(threads());
            left.keySet().removeAll(before.keySet());
            return left.isEmpty();
        });
        assertThat(left.values())
                .as("threads that are left after deactivation; deactivate(…) of the contract test has to call the"
                        + " method marked @Deactivate")
                .isEmpty();

        Call.until(patience, () -> {
            System.gc();
            return gone.get() == null;
        });
        assertThat(gone.get() == null)
                .as("whether the plugin is collected after deactivation: something static, a thread or a hook holds"
                        + " it, or the new… method of the contract test gives the same one again")
                .isTrue();
    }

    private static Map<Long, String> threads() {
        Map<Long, String> threads = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!isOfTheJdk(thread)) {
                threads.put(thread.threadId(), thread.getName());
            }
        }
        Matcher virtual = VIRTUAL.matcher(dump());
        while (virtual.find()) {
            if (!POLLER.matcher(virtual.group(2)).matches()) {
                threads.put(Long.valueOf(virtual.group(1)), virtual.group(2) + " (virtual)");
            }
        }
        return threads;
    }

    private static boolean isOfTheJdk(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group == null
                || GROUPS_OF_THE_JDK.contains(group.getName())
                // The common pool's and those that carry virtual threads.
                || thread instanceof ForkJoinWorkerThread worker
                        && (worker.getPool() == java.util.concurrent.ForkJoinPool.commonPool()
                                || !worker.getClass().equals(ForkJoinWorkerThread.class));
    }

    private static String dump() {
        try {
            Path folder = Files.createTempDirectory("threads");
            Path file = folder.resolve("dump");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
                return Files.readString(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
