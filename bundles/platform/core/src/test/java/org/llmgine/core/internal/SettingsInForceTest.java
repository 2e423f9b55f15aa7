package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.core.settings.Setting;

/** What no file names: a variable that a component reads by itself. */
class SettingsInForceTest {
    private static final SettingsForm.Field EVENT_LOG = new SettingsForm.Field(
            "eventLog",
            "",
            "",
            "Boolean",
            true,
            Optional.of("false"),
            0,
            Optional.empty(),
            Optional.empty(),
            List.of());

    @ParameterizedTest
    @CsvSource({"1,true", "0,false", "TRUE,true"})
    void aVariableOfAComponentsOwnComesFirst(String variable, boolean value) {
        assertThat(eventLog(Map.of("LLMGINE_PERSIST_EVENTS", variable)))
                .returns(Setting.VARIABLE, Setting::origin)
                .returns("LLMGINE_PERSIST_EVENTS", Setting::source)
                .returns(Optional.of(value), Setting::value);
        assertThat(eventLog(Map.of())).returns(Setting.FILE, Setting::origin).returns("etc/x.cfg", Setting::source);
    }

    private static Setting eventLog(Map<String, String> environment) {
        return new SettingsInForce(
                        "org.llmgine.store.events",
                        Map.of("eventLog", "true", StoredSettings.FILE_NAME, "file:/host/etc/x.cfg"),
                        Optional.empty(),
                        Set.of(),
                        environment)
                .of(EVENT_LOG);
    }
}
