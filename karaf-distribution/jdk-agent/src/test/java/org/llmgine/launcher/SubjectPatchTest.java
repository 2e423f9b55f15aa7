package org.llmgine.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.karaf.util.jaas.JaasHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubjectPatchTest {
    private final List<String> failures = new ArrayList<>();
    private final SubjectPatch patch = new SubjectPatch(failures::add);

    @Test
    void writesValidClassesThatDifferInTheNamedMethodsOnly() throws IOException {
        byte[] original = bytes(JaasHelper.class);
        byte[] patched = Objects.requireNonNull(transform(SubjectPatch.JAAS_HELPER, original));

        assertThat(ClassFile.of().verify(patched)).isEmpty();
        assertThat(changed(original, patched)).containsOnly("doAs");
        assertThat(failures).isEmpty();
    }

    @Test
    void leavesOtherClassesAlone() throws IOException {
        assertThat(transform("org/llmgine/launcher/Settings", bytes(Settings.class)))
                .isNull();
        assertThat(transform(null, bytes(Settings.class))).isNull();
        assertThat(failures).isEmpty();
    }

    @Test
    void reportsAClassThatIsNotWhatItWas() throws IOException {
        assertThat(transform(SubjectPatch.SUBJECT, bytes(Settings.class))).isNull();
        assertThat(failures)
                .containsExactly("javax/security/auth/Subject could not be adapted to JDK "
                        + Runtime.version().feature()
                        + ": java.lang.IllegalStateException: 1 methods getSubject expected, 0 found");
    }

    @Test
    void reportsWhatIsNoClass() {
        assertThat(transform(SubjectPatch.JAAS_HELPER, new byte[] {1, 2, 3})).isNull();
        assertThat(failures).singleElement().asString().startsWith("org/apache/karaf/util/jaas/JaasHelper could not");
    }

    private byte @Nullable [] transform(@Nullable String name, byte[] bytes) {
        return patch.transform(getClass().getModule(), getClass().getClassLoader(), name, null, null, bytes);
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static List<String> changed(byte[] before, byte[] after) {
        List<String> old = methods(before);
        return methods(after).stream()
                .filter(method -> !old.contains(method))
                .map(method -> method.substring(0, method.indexOf(' ')))
                .toList();
    }

    private static List<String> methods(byte[] bytes) {
        return ClassFile.of().parse(bytes).methods().stream()
                .map(method -> method.methodName().stringValue()
                        + " "
                        + method.methodType().stringValue()
                        + method.code().map(SubjectPatchTest::instructions))
                .toList();
    }

    private static String instructions(CodeModel code) {
        return code.elementStream()
                .filter(Instruction.class::isInstance)
                .map(element -> ((Instruction) element).opcode().toString())
                .collect(Collectors.joining(" "));
    }
}
