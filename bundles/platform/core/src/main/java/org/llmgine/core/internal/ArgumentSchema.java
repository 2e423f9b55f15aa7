package org.llmgine.core.internal;

import com.fasterxml.classmate.ResolvedType;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.generator.TypeContext;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.tool.Description;

/** Derives the JSON Schema of a tool's arguments from their record. */
final class ArgumentSchema {
    private static final Map<Class<?>, Class<?>> OPTIONAL_NUMBERS = Map.of(
            OptionalInt.class, Integer.class, OptionalLong.class, Long.class, OptionalDouble.class, Double.class);

    private ArgumentSchema() {}

    static String of(Class<?> type) {
        SchemaGeneratorConfigBuilder builder = new SchemaGeneratorConfigBuilder(
                        SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                .with(
                        Option.FLATTENED_OPTIONALS,
                        Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                        Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                        Option.INLINE_NULLABLE_SCHEMAS)
                .without(Option.SCHEMA_VERSION_INDICATOR, Option.FLATTENED_OPTIONALS);
        builder.forFields()
                .withRequiredCheck(field -> component(field)
                        .map(it -> !ArgumentTypes.isOptional(it))
                        .orElse(false))
                .withTargetTypeOverridesResolver(ArgumentSchema::meantType)
                .withDescriptionResolver(field -> component(field)
                        .map(it -> it.getAnnotation(Description.class))
                        .map(Description::value)
                        .orElse(null));
        builder.forTypesInGeneral()
                .withDescriptionResolver(scope -> description(scope.getType().getErasedType()));
        // One generator for one schema: what it caches of the plugin's classes goes with it.
        return new SchemaGenerator(builder.build()).generateSchema(type).toString();
    }

    /** Look into the Optionals: that an argument may be left out, the schema says by not requiring it. */
    private static @Nullable List<ResolvedType> meantType(FieldScope field) {
        Class<?> raw = field.getType().getErasedType();
        TypeContext types = field.getContext();
        if (raw == Optional.class) {
            return List.of(types.getTypeParameterFor(field.getType(), Optional.class, 0));
        }
        Class<?> number = OPTIONAL_NUMBERS.get(raw);
        return number == null ? null : List.of(types.resolve(number));
    }

    private static @Nullable String description(Class<?> type) {
        Description description = type.getAnnotation(Description.class);
        return description == null ? null : description.value();
    }

    private static Optional<RecordComponent> component(FieldScope field) {
        RecordComponent[] components = field.getDeclaringType().getErasedType().getRecordComponents();
        return components == null
                ? Optional.empty()
                : Arrays.stream(components)
                        .filter(component -> component.getName().equals(field.getName()))
                        .findFirst();
    }
}
