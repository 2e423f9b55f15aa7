package org.llmgine.itest.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RulesTest {
    private static JavaClasses code;
    private static JavaClasses tests;

    @BeforeAll
    static void read() throws IOException {
        code = new ClassFileImporter()
                .importPaths(Repository.inBundles("target/classes"))
                .that(resideInAPackage("org.llmgine.."));
        tests = new ClassFileImporter().importPaths(Repository.inBundles("target/test-classes"));
    }

    static Stream<ArchRule> codeRules() {
        return Rules.FOR_CODE.stream();
    }

    static Stream<ArchRule> testRules() {
        return Rules.FOR_TESTS.stream();
    }

    @Test
    void everyBundleIsRead() throws IOException {
        List<String> bundles = Repository.bundles().stream()
                .filter(bundle -> bundle.resolve("src/main/java").toFile().isDirectory())
                .map(Object::toString)
                .toList();

        assertThat(bundles)
                .isNotEmpty()
                .allMatch(bundle -> code.stream()
                        .anyMatch(type -> type.getSource()
                                .orElseThrow()
                                .getUri()
                                .getPath()
                                .startsWith(bundle + "/")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("codeRules")
    void theCodeKeepsToTheRule(ArchRule rule) {
        rule.check(code);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("testRules")
    void theTestsKeepToTheRule(ArchRule rule) {
        rule.check(tests);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"codeRules", "testRules"})
    void crookedCodeBreaksTheRule(ArchRule rule) {
        JavaClasses crooked =
                new ClassFileImporter().importPackages("org.llmgine").that(simpleNameStartingWith("Crooked"));

        assertThat(rule.evaluate(crooked).hasViolation()).isTrue();
    }
}
