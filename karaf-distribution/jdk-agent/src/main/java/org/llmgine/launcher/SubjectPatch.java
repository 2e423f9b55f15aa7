package org.llmgine.launcher;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Give Karaf back what JDK 24 took from it: {@code Subject.getSubject} answers the current subject instead of throwing,
 * and {@code JaasHelper.doAs}, which every Karaf bundle that needs it carries a copy of, runs its action as that
 * subject. Only those two classes are touched, and in them only the bodies of these methods.
 */
final class SubjectPatch implements ClassFileTransformer {
    static final String SUBJECT = "javax/security/auth/Subject";
    static final String JAAS_HELPER = "org/apache/karaf/util/jaas/JaasHelper";

    private static final ClassDesc CURRENT_SUBJECT = ClassDesc.of("org.llmgine.launcher.CurrentSubject");
    private static final ClassDesc SUBJECT_TYPE = ClassDesc.of("javax.security.auth.Subject");

    private final Consumer<String> failures;

    /**
     * Report failures as sentences: the JVM itself ignores what a transformer throws.
     *
     * @param failures is called on the thread that loads the class
     */
    SubjectPatch(Consumer<String> failures) {
        this.failures = failures;
    }

    @Override
    public byte @Nullable [] transform(
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String name,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        try {
            if (SUBJECT.equals(name)) {
                return replace(
                        bytes,
                        "getSubject",
                        1,
                        1,
                        (code, method) -> code.invokestatic(CURRENT_SUBJECT, "get", MethodTypeDesc.of(SUBJECT_TYPE))
                                .areturn());
            }
            if (JAAS_HELPER.equals(name)) {
                return replace(
                        bytes,
                        "doAs",
                        2,
                        2,
                        (code, method) -> code.aload(0)
                                .aload(1)
                                .invokestatic(
                                        CURRENT_SUBJECT,
                                        "doAs",
                                        MethodTypeDesc.of(
                                                ConstantDescs.CD_Object,
                                                SUBJECT_TYPE,
                                                method.methodTypeSymbol().parameterType(1)))
                                .areturn());
            }
        } catch (RuntimeException | LinkageError e) {
            failures.accept(
                    name + " could not be adapted to JDK " + Runtime.version().feature() + ": " + e);
        }
        return null;
    }

    private interface Body {
        void write(CodeBuilder code, MethodModel method);
    }

    private static byte[] replace(byte[] bytes, String name, int parameters, int expected, Body body) {
        ClassFile classFile = ClassFile.of();
        ClassModel model = classFile.parse(bytes);
        long found = model.methods().stream()
                .filter(m -> matches(m, name, parameters))
                .count();
        if (found != expected) {
            throw new IllegalStateException(expected + " methods " + name + " expected, " + found + " found");
        }
        return classFile.transformClass(model, (builder, element) -> {
            if (element instanceof MethodModel method && matches(method, name, parameters)) {
                withBody(builder, method, body);
            } else {
                builder.with(element);
            }
        });
    }

    private static boolean matches(MethodModel method, String name, int parameters) {
        return method.methodName().equalsString(name)
                && method.methodTypeSymbol().parameterCount() == parameters;
    }

    private static void withBody(ClassBuilder builder, MethodModel method, Body body) {
        builder.withMethod(
                method.methodName(), method.methodType(), method.flags().flagsMask(), copy -> {
                    for (var element : method) {
                        if (!(element instanceof CodeModel)) {
                            copy.with(element);
                        }
                    }
                    copy.withCode(code -> body.write(code, method));
                });
    }
}
