package ${package};

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "Provider ${artifactId}", description = "Answers by rules.")
@interface RulesSettings {
    @AttributeDefinition(
            name = "Rules",
            description = "Each a regular expression, ' => ' and the answer, in which $1 is what the first group found."
                    + " The first rule whose expression is found in the prompt answers; case doesn't count.")
    String[] rules() default {
        "my name is ([a-z]+) => Nice to meet you $1!",
        "when .*open|opening hours => We are open from Monday to Friday between 9 and 17 o'clock.",
        "^(hello|hi)$ => Hello!"
    };

    @AttributeDefinition(name = "Fallback", description = "The answer to what no rule knows.")
    String fallback() default "I have no rule for that.";

    @AttributeDefinition(
            name = "Pause between words (ms)",
            description = "How many milliseconds pass between two words; the first comes at once.",
            min = "0",
            max = "60000")
    long wordDelayMs() default 20;
}
