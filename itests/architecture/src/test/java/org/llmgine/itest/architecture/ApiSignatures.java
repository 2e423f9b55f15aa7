package org.llmgine.itest.architecture;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes down what others can see of compiled classes: packages and versions, types, members, generics, annotations. */
final class ApiSignatures {
    private static final int VISIBLE = Modifier.PUBLIC | Modifier.PROTECTED;

    private final Path classes;
    private final List<String> lines = new ArrayList<>();

    private ApiSignatures(Path classes) {
        this.classes = classes;
    }

    /** Write down the classes of a folder; their dependencies and they themselves are on the class path. */
    static String of(Path classes) throws IOException, ReflectiveOperationException {
        ApiSignatures signatures = new ApiSignatures(classes);
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class"))
                    .sorted()
                    .toList()) {
                signatures.add(file);
            }
        }
        return String.join("\n", signatures.lines) + "\n";
    }

    private void add(Path file) throws IOException, ReflectiveOperationException {
        String name = classes.relativize(file).toString().replace('/', '.').replaceFirst("\\.class$", "");
        List<String> annotations = annotations(ClassFile.of().parse(file));
        if (name.endsWith(".package-info")) {
            lines.add("");
            lines.add("package " + name.replaceFirst("\\.package-info$", "") + " " + annotations);
            return;
        }
        Class<?> type = Class.forName(name, false, getClass().getClassLoader());
        if (!isVisible(type)) {
            return;
        }
        lines.add("");
        annotations.forEach(lines::add);
        lines.add(declaration(type));
        addMembers(type);
    }

    private static boolean isVisible(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return (type.getModifiers() & VISIBLE) != 0 && (outer == null || isVisible(outer));
    }

    private static String declaration(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
        int modifiers = type.getModifiers() & ~(Modifier.INTERFACE | (type.isInterface() ? Modifier.ABSTRACT : 0));
        StringBuilder text = new StringBuilder()
                .append(Modifier.toString(modifiers))
                .append(' ')
                .append(kind)
                .append(' ')
                .append(type.getName())
                .append(variables(type.getTypeParameters()));
        if (type.isRecord()) {
            text.append(Arrays.stream(type.getRecordComponents())
                    .map(part -> text(part.getAnnotatedType()) + " " + part.getName())
                    .collect(Collectors.joining(", ", "(", ")")));
        }
        Type superclass = type.getGenericSuperclass();
        if (superclass != null && superclass != Object.class && superclass != Record.class) {
            text.append(" extends ").append(superclass.getTypeName());
        }
        if (type.getInterfaces().length > 0) {
            text.append(Arrays.stream(type.getGenericInterfaces())
                    .map(Type::getTypeName)
                    .collect(Collectors.joining(", ", " implements ", "")));
        }
        return text.toString();
    }

    private void addMembers(Class<?> type) throws ReflectiveOperationException {
        List<String> members = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field.getModifiers(), field.isSynthetic())) {
                members.add(modifiers(field.getModifiers()) + text(field.getAnnotatedType()) + " " + field.getName()
                        + constant(field));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor.getModifiers(), constructor.isSynthetic())) {
                members.add(modifiers(constructor.getModifiers()) + "<init>" + parameters(constructor));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isVisible(method.getModifiers(), method.isSynthetic())) {
                String byDefault = method.isDefault() || method.getDefaultValue() != null ? "default " : "";
                members.add(modifiers(method.getModifiers())
                        + byDefault
                        + Optional.of(variables(method.getTypeParameters()))
                                .filter(Predicate.not(String::isEmpty))
                                .map(variables -> variables + " ")
                                .orElse("")
                        + text(method.getAnnotatedReturnType())
                        + " "
                        + method.getName()
                        + parameters(method));
            }
        }
        members.stream().sorted().forEach(member -> lines.add("  " + member));
    }

    /** Return the value of a constant, which the compiler copies into whatever uses it. */
    private static String constant(Field field) throws ReflectiveOperationException {
        boolean isCopied = field.getType() == String.class || field.getType().isPrimitive();
        return isCopied && Modifier.isStatic(field.getModifiers()) ? " = " + field.get(null) : "";
    }

    private static boolean isVisible(int modifiers, boolean isSynthetic) {
        return !isSynthetic && (modifiers & VISIBLE) != 0;
    }

    private static String modifiers(int modifiers) {
        return Modifier.toString(modifiers & ~(Modifier.TRANSIENT | Modifier.VOLATILE)) + " ";
    }

    private static String parameters(Executable executable) {
        String thrown = executable.getExceptionTypes().length == 0
                ? ""
                : Arrays.stream(executable.getGenericExceptionTypes())
                        .map(Type::getTypeName)
                        .collect(Collectors.joining(", ", " throws ", ""));
        return Arrays.stream(executable.getAnnotatedParameterTypes())
                        .map(ApiSignatures::text)
                        .collect(Collectors.joining(", ", "(", ")"))
                + thrown;
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> Arrays.stream(variable.getBounds())
                                .filter(bound -> bound != Object.class)
                                .map(Type::getTypeName)
                                .collect(Collectors.collectingAndThen(
                                        Collectors.joining(" & "),
                                        bounds -> bounds.isEmpty()
                                                ? variable.getName()
                                                : variable + " extends " + bounds)))
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String text(AnnotatedType type) {
        return type.toString();
    }

    /** List the annotations by their simple names, those that are not there at run time too. */
    private static List<String> annotations(ClassModel model) {
        return Stream.concat(
                        model.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                                .flatMap(attribute -> attribute.annotations().stream()),
                        model.findAttribute(Attributes.runtimeInvisibleAnnotations()).stream()
                                .flatMap(attribute -> attribute.annotations().stream()))
                .map(ApiSignatures::text)
                .sorted()
                .toList();
    }

    private static String text(Annotation annotation) {
        String elements = annotation.elements().stream()
                .map(element -> element.name() + "=" + text(element.value()))
                .collect(Collectors.joining(", "));
        String name = annotation.classSymbol().displayName();
        return "@" + name + (elements.isEmpty() ? "" : "(" + elements + ")");
    }

    private static String text(AnnotationValue value) {
        return switch (value) {
            case AnnotationValue.OfConstant constant -> String.valueOf(constant.resolvedValue());
            case AnnotationValue.OfEnum constant -> constant.constantName().stringValue();
            case AnnotationValue.OfClass type -> type.classSymbol().displayName();
            case AnnotationValue.OfArray array ->
                array.values().stream().map(ApiSignatures::text).toList().toString();
            case AnnotationValue.OfAnnotation nested -> text(nested.annotation());
        };
    }
}
