package ${package};

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "Tool ${artifactId}", description = "Converts between units.")
@interface UnitConverterSettings {
    @AttributeDefinition(
            name = "Significant digits",
            description = "How many digits of the result are given.",
            min = "1",
            max = "15")
    int significantDigits() default 6;
}
