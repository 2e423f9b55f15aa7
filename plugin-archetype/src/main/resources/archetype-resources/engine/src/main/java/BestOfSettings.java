package ${package};

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "Engine ${artifactId}", description = "Asks several times and gives the best answer.")
@interface BestOfSettings {
    @AttributeDefinition(
            name = "Answers",
            description = "How many answers the model writes before it chooses. Each one costs a whole model call.",
            min = "2",
            max = "9")
    int candidates() default 2;

    @AttributeDefinition(name = "Criterion", description = "What makes an answer the best: a sentence for the model.")
    String criterion() default "The best one is right and easy to understand.";
}
