package org.llmgine.itest.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmarks whose name contains the first argument and writes JSON into the folder of the second. */
public final class Bench {
    private Bench() {}

    /** Run. */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[1]));
        new Runner(new OptionsBuilder()
                        .include(args[0])
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .resultFormat(ResultFormatType.JSON)
                        .result(folder.resolve((args[0].equals(".*") ? "all" : args[0]) + ".json")
                                .toString())
                        .build())
                .run();
    }
}
