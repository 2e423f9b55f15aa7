package org.llmgine.core.internal;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Knows what the types of a tool's arguments mean, for the schema and for the binding alike. */
final class ArgumentTypes {
    private ArgumentTypes() {}

    /** Tell whether an argument may be left out: it is some Optional, or marked with anybody's {@code @Nullable}. */
    static boolean isOptional(RecordComponent component) {
        Class<?> type = component.getType();
        return type == Optional.class
                || type == OptionalInt.class
                || type == OptionalLong.class
                || type == OptionalDouble.class
                || Stream.<AnnotatedElement>of(component, component.getAnnotatedType(), component.getAccessor())
                        .flatMap(element -> Arrays.stream(element.getAnnotations()))
                        .anyMatch(annotation ->
                                annotation.annotationType().getSimpleName().equals("Nullable"));
    }

    static Class<?> raw(Type type) {
        return type instanceof Class<?> plain
                ? plain
                : type instanceof ParameterizedType generic ? (Class<?>) generic.getRawType() : Object.class;
    }

    /** Return a generic type's last argument: what a list or an Optional holds, or a map's values. */
    static Type inner(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return arguments[arguments.length - 1];
        }
        return Object.class;
    }
}
