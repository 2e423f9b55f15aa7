package org.llmgine.core.internal;

import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.tool.Description;

/** Derives the JSON Schema of a tool's arguments from their record. */
final class ArgumentSchema {
    private ArgumentSchema() {}

    static String of(Class<?> type) {
        SchemaGeneratorConfigBuilder builder = new SchemaGeneratorConfigBuilder(
                        SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                .with(
                        Option.FLATTENED_OPTIONALS,
                        Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                        Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                        Option.INLINE_NULLABLE_SCHEMAS)
                .without(Option.SCHEMA_VERSION_INDICATOR);
        builder.forFields()
                .withRequiredCheck(field -> component(field)
                        .map(it -> !ArgumentTypes.isOptional(it))
                        .orElse(false))
                .withNullableCheck(field -> false)
                .withDescriptionResolver(field -> component(field)
                        .map(it -> it.getAnnotation(Description.class))
                        .map(Description::value)
                        .orElse(null));
        builder.forTypesInGeneral()
                .withDescriptionResolver(scope -> description(scope.getType().getErasedType()));
        // One generator for one schema: what it caches of the plugin's classes goes with it.
        return new SchemaGenerator(builder.build()).generateSchema(type).toString();
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
