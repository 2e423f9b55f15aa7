package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ModelEntry;

class DefaultModelCheckTest {
    private final FakeCommands commands = new FakeCommands();
    private final DefaultModelCheck check = new DefaultModelCheck(commands);

    @Test
    void isGoodWithEngineModelAndProvider() {
        commands.instances = list -> List.of(instance("single-pass", "active"), instance("fake", "active"));

        Result result = check.execute();

        assertThat(result.isOk()).isTrue();
        assertThat(result.toString()).contains("fake/plain");
    }

    @Test
    void saysThatTheEngineIsAway() {
        commands.instances = list -> List.of(instance("single-pass", "draining"));

        assertThat(check.execute().toString()).contains("the engine single-pass is not active");
    }

    @Test
    void saysThatThereIsNoDefaultModel() {
        commands.instances = list -> List.of(instance("single-pass", "active"));
        commands.models =
                List.of(new ModelEntry("fake/plain", "fake", Optional.empty(), Set.of(), OptionalInt.empty()));

        assertThat(check.execute().toString()).contains("There is no model 'default'");
    }

    @Test
    void saysThatTheProviderIsAway() {
        commands.instances = list -> List.of(instance("single-pass", "active"), instance("fake", "failed"));

        Result result = check.execute();

        assertThat(result.getStatus()).isEqualTo(Result.Status.TEMPORARILY_UNAVAILABLE);
        assertThat(result.toString()).contains("the provider fake of the default model fake/plain is not active");
    }

    @Test
    void tellsAFailureAsItIs() {
        commands.instances = list -> {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The core is starting.");
        };

        assertThat(check.execute().toString()).contains("The core is starting.");
    }

    private static InstanceEntry instance(String name, String state) {
        return new InstanceEntry("any", name, name, "1", "b", state, Optional.empty(), 0, Map.of(), Optional.empty());
    }
}
