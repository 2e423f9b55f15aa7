package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.karaf.shell.api.console.Session;
import org.junit.jupiter.api.Test;
import org.llmgine.core.command.Command;
import org.llmgine.core.settings.ChangeSettings;
import org.llmgine.core.settings.Configuration;
import org.llmgine.core.settings.ConfigurationEntry;
import org.llmgine.core.settings.GetConfiguration;
import org.llmgine.core.settings.ListConfigurations;
import org.llmgine.core.settings.ListSettingsChanges;
import org.llmgine.core.settings.RemoveSettings;
import org.llmgine.core.settings.RollBackSettings;
import org.llmgine.core.settings.Setting;
import org.llmgine.core.settings.SettingsChange;

class ConfigCommandsTest {
    private static final Instant TIME = Instant.parse("2026-11-22T10:00:00.123Z");
    private static final String WORK = "org.example~work";
    private static final ConfigurationEntry ENTRY = new ConfigurationEntry(
            "org.example", true, "Example", "", "org.example", Optional.of("example"), List.of(WORK));

    private final Screen screen = new Screen();
    private final List<Command<?>> asked = new ArrayList<>();
    private boolean stored = true;
    private final FakeHost host = new FakeHost()
            .on(ListConfigurations.class, command -> List.of(ENTRY))
            .on(GetConfiguration.class, this::configuration)
            .on(ChangeSettings.class, this::configuration)
            .on(RollBackSettings.class, this::configuration)
            .on(RemoveSettings.class, command -> change(true))
            .on(ListSettingsChanges.class, command -> List.of(change(true), change(false)));

    private Configuration configuration(Command<?> command) {
        asked.add(command);
        return new Configuration(
                ENTRY,
                WORK,
                7,
                stored,
                Map.of(),
                List.of(
                        new Setting(
                                "names",
                                Optional.of(List.of("a", "b")),
                                false,
                                true,
                                true,
                                Setting.FILE,
                                "etc/x.cfg",
                                Optional.of("Bad.")),
                        new Setting(
                                "none", Optional.empty(), false, false, false, Setting.DEFAULT, "", Optional.empty()),
                        new Setting("key", Optional.empty(), true, true, true, Setting.STORED, "", Optional.empty()),
                        new Setting(
                                "other", Optional.empty(), true, false, false, Setting.DEFAULT, "", Optional.empty())));
    }

    private static SettingsChange change(boolean removed) {
        return new SettingsChange(
                WORK,
                8,
                TIME,
                "ann",
                removed,
                List.of("key", "limit", "names"),
                Map.of("names", List.of("a", "b")),
                List.of("key"));
    }

    @Test
    void configurationsAndSettingsAreTables() throws Exception {
        screen.show(new ConfigsCommand(), host).execute();
        ConfigShowCommand show = screen.show(new ConfigShowCommand(), host);
        show.pid = WORK;
        show.execute();

        assertThat(screen.text().lines())
                .anySatisfy(line -> assertThat(line).contains("org.example", "example", "~work", "Example"))
                .anySatisfy(line -> assertThat(line).contains("names", "a, b", "etc/x.cfg", "Bad."))
                .anySatisfy(line -> assertThat(line).contains("none", "default"))
                .anySatisfy(line -> assertThat(line).contains("key", "(set)", "stored"))
                .anySatisfy(line -> assertThat(line).contains("other").doesNotContain("(set)"));
    }

    @Test
    void settingsAreSetAndASecretIsAskedFor() throws Exception {
        ConfigSetCommand set = screen.show(new ConfigSetCommand(), host);
        set.session = typing("sk-1");
        set.pid = WORK;
        set.assignments = List.of("limit=3", "url=a=b");
        set.secrets = List.of("key");
        set.execute();

        assertThat(asked).singleElement().isInstanceOfSatisfying(ChangeSettings.class, change -> {
            assertThat(change.values()).isEqualTo(Map.of("limit", "3", "url", "a=b", "key", "sk-1"));
            assertThat(change.replace()).isFalse();
        });
        assertThat(screen.text()).isEqualTo("The settings of org.example~work are stored and in force. Version 7.\n");
    }

    @Test
    void whatCantBeSetIsSaid() {
        ConfigSetCommand set = screen.show(new ConfigSetCommand(), host);
        assertThatThrownBy(set::execute).hasMessageContaining("Which settings?");
        set.assignments = List.of("limit");
        assertThatThrownBy(set::execute).hasMessageContaining("'limit' is no NAME=VALUE.");
        set.assignments = List.of();
        set.secrets = List.of("key");
        set.session = typing("");
        assertThatThrownBy(set::execute).hasMessageContaining("The value of key was not given.");
        assertThat(asked).isEmpty();
    }

    /** A session in which a secret is typed, or the input ends. */
    private static Session typing(String secret) {
        return (Session) Proxy.newProxyInstance(
                Screen.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> {
                    assertThat(arguments).contains("key: ", '*');
                    if (secret.isEmpty()) {
                        throw new IOException("the end");
                    }
                    return secret;
                });
    }

    @Test
    void settingsAreUnsetOneOrAll() throws Exception {
        ConfigUnsetCommand unset = screen.show(new ConfigUnsetCommand(), host);
        unset.pid = WORK;
        unset.names = List.of("limit");
        unset.execute();
        unset.names = List.of();
        unset.execute();

        assertThat(asked)
                .singleElement()
                .isInstanceOfSatisfying(
                        ChangeSettings.class,
                        change -> assertThat(change.unset()).isEqualTo(Set.of("limit")));
        assertThat(screen.text().lines())
                .containsExactly(
                        "limit: nothing is stored for org.example~work any more. Version 7.",
                        "Nothing is stored for org.example~work any more. Version 8.");
    }

    @Test
    void theHistoryIsATable() throws Exception {
        ConfigHistoryCommand history = screen.show(new ConfigHistoryCommand(), host);
        history.pid = WORK;
        history.execute();

        assertThat(screen.text().lines())
                .anySatisfy(line -> assertThat(line).contains("8", "2026-11-22T10:00:00Z", "ann", "all removed"))
                .anySatisfy(line -> assertThat(line).contains("key (secret), no limit, names=a, b"));
    }

    @Test
    void itIsRolledBack() throws Exception {
        ConfigRollbackCommand rollback = screen.show(new ConfigRollbackCommand(), host);
        rollback.pid = WORK;
        rollback.execute();
        rollback.version = 3;
        stored = false;
        rollback.execute();

        assertThat(asked)
                .extracting(command -> ((RollBackSettings) command).to())
                .containsExactly(OptionalLong.empty(), OptionalLong.of(3));
        assertThat(screen.text().lines())
                .containsExactly(
                        "The settings of org.example~work are stored and in force. Version 7.",
                        "Nothing is stored for org.example~work any more. Version 7.");
    }

    @Test
    void thePidIsCompletedWithItsInstances() {
        ConfigCompleter completer = new ConfigCompleter();
        completer.commands = host;

        assertThat(completer.names(org.llmgine.api.Principal.SYSTEM)).containsExactly("org.example", WORK);
    }
}
