package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** The openai package for JavaScript against the host; the tests themselves are in {@code src/test/js}. */
@ExtendWith(SharedHost.class)
final class OpenAiNodeIT {
    private static final Pattern RESULT = Pattern.compile("(?m)^(not )?ok \\d+ - (.*)$");
    private static final Pattern ABORT = Pattern.compile("(?m)^# aborted (\\S+) (\\d+)$");

    @TestFactory
    Stream<DynamicTest> theOpenAiPackageForJavaScript(Host host) throws IOException, InterruptedException {
        String tap = runTests(host);
        List<DynamicTest> tests = new ArrayList<>();
        Matcher result = RESULT.matcher(tap);
        while (result.find()) {
            boolean passed = result.group(1) == null;
            tests.add(dynamicTest(
                    result.group(2), () -> assertThat(passed).as(tap).isTrue()));
        }
        Matcher abort = ABORT.matcher(tap);
        while (abort.find()) {
            String model = abort.group(1);
            long epochMs = Long.parseLong(abort.group(2));
            tests.add(dynamicTest(
                    "after the abort " + model + " stops within two heartbeats",
                    () -> host.journal().assertCutWithin(Heartbeats.TWO, model, epochMs)));
        }
        assertThat(tests).as(tap).hasSizeGreaterThan(15);
        return tests.stream();
    }

    private static String runTests(Host host) throws IOException, InterruptedException {
        NodePackages.install();
        ProcessBuilder builder = NodePackages.builder("node", "--test-reporter=tap", "--test", "openai.test.mjs");
        builder.environment().put("LLMGINE_BASE_URL", host.uri() + "/v1");
        builder.environment().put("LLMGINE_KEY", Host.ADMIN_KEY);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
