package org.llmgine.core.internal;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Makes a tool's arguments, a record, of JSON; unknown arguments are dropped. */
final class RecordArguments implements ArgumentBinding {
    private static final Set<Class<?>> PLAIN = Set.of(
            String.class,
            int.class,
            Integer.class,
            long.class,
            Long.class,
            double.class,
            Double.class,
            float.class,
            Float.class,
            boolean.class,
            Boolean.class,
            BigDecimal.class,
            BigInteger.class,
            Object.class,
            OptionalInt.class,
            OptionalLong.class,
            OptionalDouble.class);
    private static final Set<Class<?>> CONTAINERS =
            Set.of(Optional.class, List.class, Collection.class, Set.class, Map.class);

    private final Class<?> type;
    private final ArgumentCoercion coercion;

    /**
     * Make a binding.
     *
     * @throws LlmgineException when the record has a component of a type that JSON can't be made into
     */
    RecordArguments(Class<?> type, ArgumentCoercion coercion) {
        this.type = type;
        this.coercion = coercion;
        check(type, new HashSet<>());
    }

    private static void check(Type type, Set<Type> seen) {
        Class<?> raw = ArgumentTypes.raw(type);
        if (!seen.add(type) || PLAIN.contains(raw) || raw.isEnum()) {
            return;
        }
        if (CONTAINERS.contains(raw)) {
            check(ArgumentTypes.inner(type), seen);
        } else if (raw.isRecord()) {
            for (RecordComponent component : raw.getRecordComponents()) {
                check(component.getGenericType(), seen);
            }
        } else {
            throw new LlmgineException(
                    ErrorCode.PLUGIN_FAILED,
                    "Arguments can't have the type " + raw.getName()
                            + ": use text, numbers, booleans, enums, Optional, List, Set, Map or records of these.");
        }
    }

    @Override
    public Object bind(String arguments) {
        return record(coercion.read(arguments), type, "");
    }

    private Object record(Map<String, @Nullable Object> members, Class<?> type, String path) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> missing = Arrays.stream(components)
                .filter(component -> members.get(component.getName()) == null && !ArgumentTypes.isOptional(component))
                .map(component -> path + component.getName())
                .toList();
        if (!missing.isEmpty()) {
            throw ArgumentCoercion.missing(missing);
        }
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < values.length; i++) {
            String name = components[i].getName();
            values[i] = value(members.get(name), components[i].getGenericType(), path + name);
        }
        return construct(type, components, values);
    }

    private static Object construct(Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            Throwable refusal = e.getTargetException();
            if (refusal instanceof Error error) {
                throw error;
            }
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST, "The arguments are refused: " + refusal.getMessage(), refusal);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable Object value(@Nullable Object value, Type type, String name) {
        Class<?> raw = ArgumentTypes.raw(type);
        if (raw == Optional.class) {
            return Optional.ofNullable(value(value, ArgumentTypes.inner(type), name));
        } else if (raw == OptionalInt.class) {
            return value == null ? OptionalInt.empty() : OptionalInt.of(integer(value, name));
        } else if (raw == OptionalLong.class) {
            return value == null ? OptionalLong.empty() : OptionalLong.of(longInteger(value, name));
        } else if (raw == OptionalDouble.class) {
            return value == null
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(ArgumentCoercion.number(value, name).doubleValue());
        } else if (value == null || raw == Object.class) {
            return value;
        } else if (raw == String.class) {
            return ArgumentCoercion.text(value, name);
        } else if (raw == int.class || raw == Integer.class) {
            return integer(value, name);
        } else if (raw == long.class || raw == Long.class) {
            return longInteger(value, name);
        } else if (raw == double.class || raw == Double.class) {
            return ArgumentCoercion.number(value, name).doubleValue();
        } else if (raw == float.class || raw == Float.class) {
            return ArgumentCoercion.number(value, name).floatValue();
        } else if (raw == boolean.class || raw == Boolean.class) {
            return ArgumentCoercion.bool(value, name);
        } else if (raw == BigDecimal.class) {
            return ArgumentCoercion.number(value, name);
        } else if (raw == BigInteger.class) {
            return ArgumentCoercion.bigInteger(value, name);
        } else if (raw.isEnum()) {
            return ArgumentCoercion.constant(value, raw, name);
        } else if (raw == Map.class) {
            return map(coercion.object(value, name), ArgumentTypes.inner(type), name);
        } else if (raw.isRecord()) {
            return record(coercion.object(value, name), raw, name + ".");
        }
        List<@Nullable Object> elements = elements(coercion.list(value, name), ArgumentTypes.inner(type), name);
        return raw == Set.class ? Collections.unmodifiableSet(new LinkedHashSet<>(elements)) : elements;
    }

    private List<@Nullable Object> elements(List<@Nullable Object> values, Type type, String name) {
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            elements.add(value(values.get(i), type, name + "[" + i + "]"));
        }
        return Collections.unmodifiableList(elements);
    }

    private Map<String, @Nullable Object> map(Map<String, @Nullable Object> values, Type type, String name) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        values.forEach((key, value) -> members.put(key, value(value, type, name + "." + key)));
        return Collections.unmodifiableMap(members);
    }

    private static int integer(Object value, String name) {
        return (int) ArgumentCoercion.integer(value, name, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static long longInteger(Object value, String name) {
        return ArgumentCoercion.integer(value, name, Long.MIN_VALUE, Long.MAX_VALUE);
    }
}
