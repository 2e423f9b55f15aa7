package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.List;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs a contract against a plugin and says which checks failed and which were skipped. */
record Verdict(List<String> passed, List<String> failed, List<String> skipped) {
    /** Long: a good plugin passes on a busy machine, too. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** For broken plugins that use it up. */
    static final Duration SHORT_PATIENCE = Duration.ofSeconds(1);

    static Verdict of(Class<?> contractTest) {
        Events tests = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(contractTest))
                .execute()
                .testEvents();
        return new Verdict(names(tests.succeeded()), names(tests.failed()), names(tests.aborted()));
    }

    /** Check that a good plugin passes, but for checks of what it says that it can't. */
    static void assertPasses(Class<?> contractTest, String... skipped) {
        Verdict verdict = of(contractTest);
        assertThat(verdict.passed).isNotEmpty();
        assertThat(verdict.failed).isEmpty();
        assertThat(verdict.skipped).containsExactlyInAnyOrder(skipped);
    }

    /** Check that a plugin with one defect fails exactly these checks. */
    static void assertFails(Class<?> contractTest, String... checks) {
        assertThat(of(contractTest).failed).as(contractTest.getSimpleName()).containsExactlyInAnyOrder(checks);
    }

    /** Check that a plugin that uses a short patience up fails this check; on a busy machine others may fail, too. */
    static void assertFailsAtLeast(Class<?> contractTest, String check) {
        assertThat(of(contractTest).failed).as(contractTest.getSimpleName()).contains(check);
    }

    private static List<String> names(Events events) {
        return events.stream()
                .map(event -> event.getTestDescriptor())
                .map(TestDescriptor::getSource)
                .map(source -> source.map(MethodSource.class::cast).orElseThrow())
                .map(MethodSource::getMethodName)
                .toList();
    }
}
