package ${package};

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "Interceptor ${artifactId}", description = "Lets each account run so many turns a day.")
@interface DailyLimitSettings {
    @AttributeDefinition(
            name = "Turns per day",
            description = "How many turns each account may run between two midnights of UTC.",
            min = "1")
    int turnsPerDay() default 1000;

    @AttributeDefinition(
            name = "Types",
            description = "The types of the commands that count: as they are, those that run a turn of /v1 and of a session.")
    String[] types() default {"org/llmgine/core/command/RunTurn", "llmgine/turn/run"};
}
