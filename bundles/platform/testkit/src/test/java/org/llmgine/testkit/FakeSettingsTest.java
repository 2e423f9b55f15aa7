package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FakeSettingsTest {
    @interface Example {
        int delayMs() default 20;

        String name() default "Ada";
    }

    @Test
    void givesDefaultsWhereNothingIsConfigured() {
        Example settings = FakeSettings.of(Example.class, Map.of("delayMs", 5));

        assertThat(settings.delayMs()).isEqualTo(5);
        assertThat(settings.name()).isEqualTo("Ada");
    }

    @Test
    void refusesASettingThatDoesNotExist() {
        assertThatThrownBy(() -> FakeSettings.of(Example.class, Map.of("delay", 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("delayMs");
    }
}
