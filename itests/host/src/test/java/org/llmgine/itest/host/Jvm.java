package org.llmgine.itest.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A running virtual machine, seen from outside through {@code jcmd}.
 *
 * @param process its process
 */
record Jvm(ProcessHandle process) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
    private static final Pattern THREADS = Pattern.compile("java\\.threads\\.live=(\\d+)");
    private static final Pattern NAME = Pattern.compile("(?m)^\"([^\"]*)\"");
    private static final Pattern FILES = Pattern.compile("Max open files\\s+(\\d+)");
    private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    /** Collect all garbage and return the bytes of what is left. */
    long liveHeapBytes() {
        jcmd("GC.run");
        return number(TOTAL, jcmd("GC.class_histogram"));
    }

    /** Collect all garbage and return how many class loaders have a class of that name. */
    long generations(String type) {
        jcmd("GC.run");
        return jcmd("VM.classloaders", "show-classes=true", "fold=false")
                .lines()
                .filter(line -> line.endsWith(" " + type))
                .count();
    }

    /** Collect all garbage, walk the heap and return how many instances of a class are left in it. */
    long instances(String type) {
        jcmd("GC.run");
        Matcher line = Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +" + Pattern.quote(type) + "(?: |$)")
                .matcher(jcmd("GC.class_histogram"));
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    long liveThreads() {
        return number(THREADS, jcmd("PerfCounter.print"));
    }

    /** Return the bytes of main memory that the process holds; Linux only. */
    long residentBytes() {
        return 1024 * number(RSS, proc("status"));
    }

    /** Return how many files the process may have open; Linux only. */
    long openFileLimit() {
        return number(FILES, proc("limits"));
    }

    /** Count the threads by their names, numbers left out. */
    Map<String, Long> threadKinds() {
        return NAME.matcher(threads())
                .results()
                .map(match -> match.group(1).replaceAll("[0-9]+", "N"))
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    String threads() {
        return jcmd("Thread.print");
    }

    /** Return the stacks of all threads, the virtual ones among them. */
    String allThreads() {
        try {
            Path file = Files.createTempFile("threads", ".txt");
            try {
                jcmd("Thread.dump_to_file", "-overwrite", file.toString());
                return Files.readString(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String proc(String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("No " + pattern + " in:\n" + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    private String jcmd(String... command) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        line.add(Long.toString(process.pid()));
        line.addAll(List.of(command));
        try {
            Process jcmd = new ProcessBuilder(line).redirectErrorStream(true).start();
            String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            jcmd.waitFor();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
