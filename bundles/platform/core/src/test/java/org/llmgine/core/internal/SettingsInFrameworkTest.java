package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.core.Commands;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListInstances;
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
import org.llmgine.core.spi.SettingsStore.State;
import org.osgi.framework.Bundle;

/** Settings in a real framework, with Declarative Services and Configuration Admin. */
@Timeout(60)
class SettingsInFrameworkTest {
    private static final Principal OPERATOR = new Principal("ola", Set.of(Principal.OPERATOR));
    private static final Principal ADMIN = new Principal("ada", Set.of(Principal.ADMIN));
    private static final Principal USER = new Principal("ann", Set.of(Principal.USER));
    private static final String PID = "test.queue";
    private static final String WORK = PID + "~work";
    private static final String SECRET = "sk-4711-very-secret";
    private static final String SETTINGS = """
            <AD id="limit" name="Limit" description="How many." type="Integer" cardinality="0" default="5" min="1" max="10"/>
            <AD id="share" name="Share" type="Double" cardinality="0" default="0.5" min="0.1" max="1"/>
            <AD id="flag" name="Flag" type="Boolean" cardinality="0" default="true"/>
            <AD id="letter" name="Letter" type="Character" cardinality="0" required="false"/>
            <AD id="mode" name="Mode" type="String" cardinality="0" default="a">
              <Option label="A" value="a"/><Option label="B" value="b"/>
            </AD>
            <AD id="names" name="Names" type="String" cardinality="3" required="false" default=""/>
            <AD id="ids" name="Ids" type="Long" cardinality="2147483647" required="false"/>
            <AD id="key" name="Key" type="Password" required="false" min="8"/>
            """;

    @TempDir
    private Path folder;

    private TestFramework framework;
    private Bundle core;
    private Commands commands;

    @BeforeEach
    void start() throws Exception {
        TestPlugins.QueueProvider.STREAMS.clear();
        framework = new TestFramework(folder);
        core = framework.startCore();
        commands = framework.service(Commands.class);
        plugin(SETTINGS).start();
        await(() -> list().stream().anyMatch(entry -> entry.pid().equals(PID)));
    }

    @AfterEach
    void stop() throws Exception {
        framework.close();
    }

    private Bundle plugin(String settings) throws Exception {
        return framework
                .plugin("queue", "1.0.0")
                .component(LlmginePlugin.PROVIDER, ModelProvider.class, TestPlugins.QueueProvider.class)
                .withSettings(settings)
                .install();
    }

    private List<ConfigurationEntry> list() {
        try {
            return commands.execute(new ListConfigurations(USER));
        } catch (LlmgineException e) {
            return List.of(); // the commands of settings come a moment after the others
        }
    }

    private Configuration get(String pid) {
        return commands.execute(new GetConfiguration(OPERATOR, pid));
    }

    private Setting setting(String pid, String name) {
        return get(pid).settings().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Configuration set(String pid, Map<String, Object> values) {
        return commands.execute(new ChangeSettings(OPERATOR, pid, values, Set.of(), false, OptionalLong.empty()));
    }

    private Configuration unset(String pid, String... names) {
        return commands.execute(
                new ChangeSettings(OPERATOR, pid, Map.of(), Set.of(names), false, OptionalLong.empty()));
    }

    private List<SettingsChange> history(String pid) {
        return commands.execute(new ListSettingsChanges(OPERATOR, pid, 0, 10));
    }

    private void awaitDelivered(String pid, String name, Object value) {
        await(() -> framework.delivered(PID).stream()
                .filter(properties -> pid.equals(properties.get("service.pid")) || !pid.contains("~"))
                .anyMatch(properties -> same(value, properties.get(name))));
    }

    private static boolean same(Object expected, @Nullable Object found) {
        return found instanceof Object[] array
                ? expected.equals(List.of(array))
                : expected.toString().equals(String.valueOf(found));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("after 10 s").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private void assertRefused(Command<?> command, ErrorCode code, String field, String... words) {
        assertThatThrownBy(() -> commands.execute(command)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.field().orElse("")).isEqualTo(field);
            for (String word : words) {
                assertThat(e.getMessage() + " " + e.hint().orElse("")).contains(word);
            }
        });
    }

    private void assertRefused(String name, Object value, String... words) {
        assertRefused(
                new ChangeSettings(OPERATOR, PID, Map.of(name, value), Set.of(), false, OptionalLong.empty()),
                ErrorCode.INVALID_REQUEST,
                name,
                words);
    }

    @Test
    void aBundleThatIsTakenOutHasNoSettingsAnyMore() throws Exception {
        Bundle gone = framework
                .plugin("gone", "1.0.0")
                .component(LlmginePlugin.PROVIDER, ModelProvider.class, TestPlugins.QueueProvider.class)
                .withSettings(SETTINGS)
                .install();
        assertThat(SettingsForm.all(gone)).isNotEmpty();

        gone.uninstall();

        assertThat(SettingsForm.all(gone)).isEmpty();
    }

    @Test
    void whatCanBeConfiguredIsListedWithItsPlugin() {
        assertThat(list())
                .extracting(ConfigurationEntry::pid)
                .contains("org.llmgine.core", "org.llmgine.core.audit", "org.llmgine.bus", PID)
                .isSorted();
        assertThat(list())
                .filteredOn(entry -> entry.pid().equals(PID))
                .singleElement()
                .returns(true, ConfigurationEntry::factory)
                .returns(Optional.of("queue"), ConfigurationEntry::plugin)
                .returns("What is set.", ConfigurationEntry::description)
                .returns(List.of(), ConfigurationEntry::instances);
        assertThat(list())
                .filteredOn(entry -> entry.pid().equals("org.llmgine.core"))
                .singleElement()
                .returns(false, ConfigurationEntry::factory)
                .returns(Optional.empty(), ConfigurationEntry::plugin);
    }

    @Test
    void theSchemaSaysAllThatTheFormDoes() {
        Map<String, Object> schema = get(PID).schema();

        assertThat(schema)
                .containsEntry("$schema", "https://json-schema.org/draft/2020-12/schema")
                .containsEntry("additionalProperties", false)
                .containsEntry("required", List.of());
        assertThat(schema.get("properties"))
                .asInstanceOf(MAP)
                .containsEntry(
                        "limit",
                        Map.of(
                                "title",
                                "Limit",
                                "description",
                                "How many.",
                                "type",
                                "integer",
                                "minimum",
                                1L,
                                "maximum",
                                10L,
                                "default",
                                5L))
                .containsEntry(
                        "share",
                        Map.of("title", "Share", "type", "number", "minimum", 0.1, "maximum", 1L, "default", 0.5))
                .containsEntry("flag", Map.of("title", "Flag", "type", "boolean", "default", true))
                .containsEntry("letter", Map.of("title", "Letter", "type", "string", "minLength", 1, "maxLength", 1))
                .containsEntry(
                        "mode", Map.of("title", "Mode", "type", "string", "enum", List.of("a", "b"), "default", "a"))
                .containsEntry(
                        "names",
                        Map.of(
                                "title",
                                "Names",
                                "type",
                                "array",
                                "items",
                                Map.of("type", "string"),
                                "maxItems",
                                3L,
                                "default",
                                List.of()))
                .containsEntry("ids", Map.of("title", "Ids", "type", "array", "items", Map.of("type", "integer")))
                .containsEntry(
                        "key",
                        Map.of(
                                "title", "Key",
                                "type", "string",
                                "format", "password",
                                "minLength", 8L,
                                "writeOnly", true));
    }

    @Test
    void aDescriptionThatContradictsItselfHarmsNobody() throws Exception {
        framework
                .plugin("odd", "1.0.0")
                .component(LlmginePlugin.PROVIDER, ModelProvider.class, TestPlugins.QueueProvider.class)
                .withSettings("""
                        <AD id="limit" name="Limit" type="Integer" default="many" max="9"/>
                        <AD id="mode" name="Mode" type="Integer" default="1">
                          <Option label="A" value="1"/><Option label="B" value="b"/>
                        </AD>
                        """)
                .install()
                .start();
        framework
                .plugin("odder", "1.0.0")
                .component(LlmginePlugin.PROVIDER, ModelProvider.class, TestPlugins.QueueProvider.class)
                .withSettings("<AD id=\"limit\" name=\"Limit\" type=\"Integer\" min=\"few\"/>")
                .install()
                .start();

        assertThat(list())
                .extracting(ConfigurationEntry::pid)
                .contains("test.odd", PID)
                .doesNotContain("test.odder");
        assertThat(get("test.odd").schema().get("properties"))
                .asInstanceOf(MAP)
                .containsEntry("limit", Map.of("title", "Limit", "type", "integer", "maximum", 9L))
                .containsEntry("mode", Map.of("title", "Mode", "type", "integer", "enum", List.of(1L), "default", 1L));
        assertThat(setting("test.odd", "limit").value()).contains("many");
        assertThat(set("test.odd", Map.of("limit", 3)).stored()).isTrue();
    }

    @Test
    void aChangeIsStoredAndInForceAndTheRestStaysAsItWas() {
        assertThat(setting(PID, "limit"))
                .returns(Setting.DEFAULT, Setting::origin)
                .returns(Optional.of(5L), Setting::value)
                .returns(false, Setting::stored);

        Configuration changed = set(
                PID,
                Map.of(
                        "limit",
                        7,
                        "share",
                        "0.25",
                        "flag",
                        "FALSE",
                        "letter",
                        "x",
                        "names",
                        "a, b\\,c",
                        "ids",
                        List.of(1, 2)));

        assertThat(changed.version()).isEqualTo(1);
        assertThat(changed.stored()).isTrue();
        assertThat(framework.settings.states)
                .singleElement()
                .extracting(State::values, MAP)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "limit",
                        7L,
                        "share",
                        0.25,
                        "flag",
                        false,
                        "letter",
                        "x",
                        "names",
                        List.of("a", "b,c"),
                        "ids",
                        List.of(1L, 2L)));
        assertThat(setting(PID, "names"))
                .returns(Setting.STORED, Setting::origin)
                .returns(true, Setting::stored)
                .extracting(setting -> setting.value().orElseThrow())
                .asInstanceOf(LIST)
                .containsExactly("a", "b,c");
        awaitDelivered(PID, "limit", 7);
        awaitDelivered(PID, "names", List.of("a", "b,c"));

        set(PID, Map.of("limit", 8));
        awaitDelivered(PID, "limit", 8);
        assertThat(setting(PID, "letter").value()).contains("x");
        assertThat(set(PID, Map.of("limit", 8)).version())
                .as("nothing has changed")
                .isEqualTo(2);
        assertThat(unset(PID, "limit").version()).isEqualTo(3);
        awaitDelivered(PID, "limit", 5);
        commands.execute(new ChangeSettings(OPERATOR, PID, Map.of("mode", "b"), Set.of(), true, OptionalLong.of(3)));
        assertThat(framework.settings.states.getLast().values()).isEqualTo(Map.of("mode", "b"));
        assertThat(unset(PID, "mode").stored()).isFalse();
        awaitDelivered(PID, "mode", "null");
    }

    @Test
    void nothingIsStoredOfWhatIsRefused() {
        assertRefused("limit", 11, "limit must be a whole number at least 1 and at most 10.");
        assertRefused("limit", "many", "limit must be a whole number");
        assertRefused("limit", 1.5, "limit must be a whole number");
        assertRefused("limit", true, "limit must be a whole number");
        assertRefused("limit", "", "limit must be a whole number", "null");
        assertRefused("limit", List.of(1), "limit must be a whole number");
        assertRefused("share", 2, "share must be a number at least 0.1 and at most 1.");
        assertRefused("flag", "yes", "flag must be true or false.");
        assertRefused("flag", 1, "flag must be true or false.");
        assertRefused("letter", "xy", "letter must be one character.");
        assertRefused("mode", "c", "mode must be one of a, b.");
        assertRefused("mode", Map.of("a", 1), "mode must be one of a, b.");
        assertRefused("names", List.of("a", "b", "c", "d"), "names must be text, 3 values at most.");
        assertRefused("names", List.of(1), "names must be text");
        assertRefused("ids", List.of("x"), "ids must be a whole number.");
        assertRefused("key", "short", "key must be text with at least 8 characters.");
        assertRefused("limt", 3, "limt is no setting of test.queue. Did you mean 'limit'?");
        assertRefused(
                new ChangeSettings(OPERATOR, PID, Map.of("limit", 7), Set.of("limt"), false, OptionalLong.empty()),
                ErrorCode.INVALID_REQUEST,
                "limt");
        assertRefused(
                new ChangeSettings(OPERATOR, PID, Map.of("limit", 7), Set.of(), false, OptionalLong.of(4)),
                ErrorCode.BUSY,
                "",
                "is at version 0 and not 4");

        assertThat(framework.settings.states).isEmpty();
        assertThat(framework.delivered(PID)).noneMatch(properties -> properties.containsKey(StoredSettings.MARK));
    }

    @Test
    void whatThereMustBeCantBeLeftOut() throws Exception {
        framework
                .plugin("strict", "1.0.0")
                .component(LlmginePlugin.PROVIDER, ModelProvider.class, TestPlugins.QueueProvider.class)
                .withSettings(
                        "<AD id=\"url\" name=\"URL\" type=\"String\"/><AD id=\"limit\" type=\"Integer\" default=\"5\"/>")
                .install()
                .start();

        assertThat(get("test.strict~a").schema()).containsEntry("required", List.of("url"));
        assertRefused(
                new ChangeSettings(
                        OPERATOR, "test.strict~a", Map.of("limit", 7), Set.of(), false, OptionalLong.empty()),
                ErrorCode.INVALID_REQUEST,
                "url",
                "url is missing; it must be text.");
        assertThat(set("test.strict~a", Map.of("url", "u")).stored()).isTrue();
    }

    @Test
    void aSecretIsDeliveredAndNowhereElseInClear() throws Exception {
        Configuration changed = set(PID, Map.of("key", SECRET, "limit", 7));
        awaitDelivered(PID, "key", SECRET);

        assertThat(setting(PID, "key"))
                .returns(true, Setting::secret)
                .returns(true, Setting::set)
                .returns(Optional.empty(), Setting::value)
                .returns(Setting.STORED, Setting::origin);
        assertThat(List.of(changed.toString(), history(PID).toString(), framework.settings.states.toString()))
                .noneMatch(text -> text.contains(SECRET));
        assertThat(commands.execute(new ListAudit(ADMIN, "", "ChangeSettings", "", 9)))
                .singleElement()
                .returns(PID, AuditEntry::target)
                .returns("version 1: key, limit", AuditEntry::details);
        assertThat(new ChangeSettings(OPERATOR, PID, Map.of("key", SECRET), Set.of(), false, OptionalLong.empty())
                        .toString())
                .contains("key")
                .doesNotContain(SECRET);
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile))
                    .noneMatch(file -> read(file).contains(SECRET));
        }
        String encrypted = framework.settings.states.getLast().secrets().get("key");

        assertThat(set(PID, Map.of("key", SECRET)).version())
                .as("the same secret is no change")
                .isEqualTo(1);
        commands.execute(new ChangeSettings(OPERATOR, PID, Map.of("limit", 8), Set.of(), true, OptionalLong.empty()));
        assertThat(framework.settings.states.getLast().secrets()).isEqualTo(Map.of("key", encrypted));
        unset(PID, "key");
        assertThat(setting(PID, "key").set()).isFalse();
        awaitDelivered(PID, "key", "null");
    }

    @Test
    void aSecretOfAnotherKeyIsReportedAndNotDelivered() throws Exception {
        set(PID, Map.of("key", SECRET, "limit", 7));
        core.stop();
        Files.writeString(folder.resolve("data/secret.key"), "00".repeat(32));
        core.start();
        commands = framework.service(Commands.class);
        await(() -> !list().isEmpty());

        await(() -> framework.delivered(PID).stream().noneMatch(properties -> properties.containsKey("key")));
        awaitDelivered(PID, "limit", 7);
        assertThat(setting(PID, "key").problem().orElseThrow())
                .startsWith("key can't be read. It was encrypted with another key:");
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatAFileOrAVariableSaysComesFirstAndThatIsSaid() throws Exception {
        set(PID, Map.of("limit", 7, "share", 0.75));
        framework.configure(
                PID,
                Map.of(
                        StoredSettings.FILE_NAME,
                        "file:/host/etc/test.queue.cfg",
                        "limit",
                        "3",
                        "names",
                        "$[env:PATH]",
                        "share",
                        "$[env:LLMGINE_TEST_IS_NOT_SET;default=0.9]",
                        "mode",
                        "$[env:LLMGINE_TEST_IS_NOT_SET;default=b]"));
        awaitDelivered(PID, "limit", 3);
        awaitDelivered(PID, "share", 0.75);

        assertThat(setting(PID, "limit"))
                .returns(Setting.FILE, Setting::origin)
                .returns("etc/test.queue.cfg", Setting::source)
                .returns(Optional.of(3L), Setting::value)
                .returns(true, Setting::stored);
        assertThat(setting(PID, "names"))
                .returns(Setting.VARIABLE, Setting::origin)
                .returns("PATH", Setting::source);
        assertThat(setting(PID, "share")).returns(Setting.STORED, Setting::origin);
        assertThat(setting(PID, "mode"))
                .returns(Setting.DEFAULT, Setting::origin)
                .returns(Optional.of("b"), Setting::value);
        assertRefused(
                "limit",
                4,
                "limit is set by etc/test.queue.cfg, which comes before what is stored.",
                "take the line out");
        assertRefused("names", "x", "names is set by the variable PATH", "Unset the variable");
        set(PID, Map.of("limit", 3, "mode", "b"));
        assertThat(framework.settings.states.getLast().values()).containsOnlyKeys("limit", "share", "mode");

        framework.configure(PID, Map.of("limit", "2"));
        assertThat(setting(PID, "limit")).returns(Setting.OTHER, Setting::origin);
        assertRefused("limit", 4, "limit is set in Configuration Admin", "config:property-delete");
        framework.configure(PID, Map.of("limit", "99"));
        assertThat(setting(PID, "limit"))
                .returns(Optional.of("99"), Setting::value)
                .extracting(setting -> setting.problem().orElseThrow())
                .isEqualTo("limit must be a whole number at least 1 and at most 10.");

        framework.removeConfiguration(PID);
        awaitDelivered(PID, "limit", 7);
    }

    @Test
    void anInstanceIsMadeAndRemoved() throws Exception {
        set(WORK, Map.of("limit", 7));
        awaitInstances("queue~work");
        assertThat(list())
                .filteredOn(entry -> entry.pid().equals(PID))
                .singleElement()
                .returns(List.of(WORK), ConfigurationEntry::instances);
        assertThat(unset(WORK, "limit").stored())
                .as("it stays without a setting")
                .isTrue();

        SettingsChange gone = commands.execute(new RemoveSettings(OPERATOR, WORK));

        assertThat(gone).returns(true, SettingsChange::removed).returns(3L, SettingsChange::version);
        awaitInstances("queue");
        assertRefused(new RemoveSettings(OPERATOR, WORK), ErrorCode.NOT_FOUND, "", "Nothing is stored for " + WORK);
        framework.configure(WORK, Map.of(StoredSettings.FILE_NAME, "file:/x/test.queue-work.cfg", "limit", "6"));
        assertRefused(
                new RemoveSettings(OPERATOR, WORK), ErrorCode.NOT_FOUND, "", "It comes from etc/test.queue-work.cfg.");
        set(WORK, Map.of("share", 0.75));
        awaitDelivered(WORK, "share", 0.75);
        commands.execute(new RemoveSettings(OPERATOR, WORK));
        awaitInstances("queue~work");
        assertThat(setting(WORK, "limit").value()).contains(6L);
    }

    private void awaitInstances(String... names) {
        await(() -> commands.execute(new ListInstances(OPERATOR, LlmginePlugin.PROVIDER)).stream()
                .map(InstanceEntry::name)
                .toList()
                .equals(List.of(names)));
    }

    @Test
    void changesAreListedAndTakenBack() {
        set(PID, Map.of("limit", 7));
        set(PID, Map.of("limit", 8, "key", SECRET));
        unset(PID, "limit");

        assertThat(history(PID))
                .extracting(
                        SettingsChange::version,
                        SettingsChange::changed,
                        SettingsChange::values,
                        SettingsChange::secrets)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(3L, List.of("limit"), Map.of(), List.of("key")),
                        org.assertj.core.groups.Tuple.tuple(
                                2L, List.of("key", "limit"), Map.of("limit", 8L), List.of("key")),
                        org.assertj.core.groups.Tuple.tuple(1L, List.of("limit"), Map.of("limit", 7L), List.of()));
        assertThat(history(PID))
                .allSatisfy(change -> assertThat(change.principal()).isEqualTo("ola"));
        assertThat(commands.execute(new ListSettingsChanges(OPERATOR, PID, 3, 1)))
                .singleElement()
                .returns(2L, SettingsChange::version)
                .returns(List.of("key", "limit"), SettingsChange::changed);

        Configuration back = commands.execute(new RollBackSettings(OPERATOR, PID, OptionalLong.empty()));
        assertThat(back.version()).isEqualTo(4);
        awaitDelivered(PID, "limit", 8);
        awaitDelivered(PID, "key", SECRET);
        commands.execute(new RollBackSettings(OPERATOR, PID, OptionalLong.of(1)));
        awaitDelivered(PID, "limit", 7);
        assertThat(setting(PID, "key").set()).isFalse();
        assertRefused(
                new RollBackSettings(OPERATOR, PID, OptionalLong.of(9)),
                ErrorCode.NOT_FOUND,
                "to",
                "No version 9 of test.queue is kept.");
        assertRefused(
                new RollBackSettings(OPERATOR, "org.llmgine.core", OptionalLong.empty()),
                ErrorCode.NOT_FOUND,
                "to",
                "There is no version of org.llmgine.core before this one.");
        commands.execute(new RemoveSettings(OPERATOR, PID));
        set(PID, Map.of("limit", 2));
        assertThat(commands.execute(new RollBackSettings(OPERATOR, PID, OptionalLong.empty()))
                        .stored())
                .isFalse();
        awaitDelivered(PID, "limit", 5);
    }

    @Test
    void aFormerVersionThatIsNotAllowedAnyMoreIsRefused() throws Exception {
        State old = new State(PID, 1, Instant.EPOCH, "ola", false, Map.of("limit", 70L), Map.of());
        framework.settings.append(old, 9);
        framework.settings.append(
                new State(PID, 2, Instant.EPOCH, "ola", false, Map.of("gone", "x", "key", "x"), Map.of()), 9);
        framework.settings.append(new State(PID, 3, Instant.EPOCH, "ola", false, Map.of(), Map.of()), 9);
        framework.service(StoredSettings.class).act();

        assertRefused(
                new RollBackSettings(OPERATOR, PID, OptionalLong.of(1)),
                ErrorCode.INVALID_REQUEST,
                "limit",
                "limit must be a whole number");
        assertThatThrownBy(() -> commands.execute(new RollBackSettings(OPERATOR, PID, OptionalLong.of(2))))
                .hasMessageMatching("gone is no setting.*|key must be text.*");
        assertThat(history(PID))
                .filteredOn(change -> change.version() == 2)
                .singleElement()
                .returns(Map.of("gone", "x"), SettingsChange::values)
                .returns(List.of("key"), SettingsChange::secrets);
    }

    @Test
    void theChangesOfAnotherHostAreFollowed() throws Exception {
        StoredSettings stored = framework.service(StoredSettings.class);
        framework.settings.append(new State(PID, 1, Instant.EPOCH, "ola", false, Map.of("limit", 9L), Map.of()), 9);
        assertThat(stored.isDue(System.nanoTime() + TimeUnit.MINUTES.toNanos(1)))
                .isTrue();

        stored.act();
        awaitDelivered(PID, "limit", 9);
        framework.settings.states.clear(); // as a restored backup may have none
        stored.act();
        awaitDelivered(PID, "limit", 5);
    }

    @Test
    void aRestartPutsTheStoredSettingsInForceAgain() throws Exception {
        set(WORK, Map.of("limit", 7));
        set("org.llmgine.core.audit", Map.of("retentionDays", 9));
        awaitInstances("queue~work");
        core.stop();
        framework.settings.append(new State(WORK, 2, Instant.EPOCH, "ola", false, Map.of("limit", 6L), Map.of()), 9);
        framework.settings.append(
                new State("org.llmgine.core.audit", 2, Instant.EPOCH, "ola", true, Map.of(), Map.of()), 9);

        core.start();
        commands = framework.service(Commands.class);
        await(() -> !list().isEmpty());

        awaitDelivered(WORK, "limit", 6);
        awaitInstances("queue~work");
        assertThat(setting("org.llmgine.core.audit", "retentionDays").origin()).isEqualTo(Setting.DEFAULT);
    }

    @Test
    void whatIsUnknownIsSaid() {
        assertRefused(
                new GetConfiguration(OPERATOR, "test.queu"), ErrorCode.NOT_FOUND, "pid", "Did you mean 'test.queue'?");
        assertRefused(new GetConfiguration(OPERATOR, "org.llmgine.core~a"), ErrorCode.NOT_FOUND, "pid", "There is one");
        assertRefused(new GetConfiguration(OPERATOR, PID + "~a)(b"), ErrorCode.INVALID_REQUEST, "pid", "Take up to 64");
        assertRefused(
                new GetConfiguration(OPERATOR, "org.llmgine.store"), ErrorCode.NOT_FOUND, "pid", "LLMGINE_DB_URL");
        assertRefused(
                new ListSettingsChanges(OPERATOR, "nobody", 0, 9),
                ErrorCode.NOT_FOUND,
                "pid",
                "There is no configuration");
        assertRefused(new RemoveSettings(OPERATOR, "nobody"), ErrorCode.NOT_FOUND, "pid");
        assertThat(history(PID)).isEmpty();
    }

    @Test
    void settingsOutliveTheirPluginAndCanBeRemovedThen() throws Exception {
        framework.settings.append(new State("gone", 1, Instant.EPOCH, "ola", false, Map.of("a", "b"), Map.of()), 9);
        framework.service(StoredSettings.class).act();

        assertThat(history("gone")).hasSize(1);
        assertThat(commands.execute(new RemoveSettings(OPERATOR, "gone")).changed())
                .containsExactly("a");
    }

    @Test
    void settingsAreForOperators() {
        for (Command<?> command : List.of(
                new GetConfiguration(USER, PID),
                new ChangeSettings(USER, PID, Map.of(), Set.of(), false, OptionalLong.empty()),
                new RemoveSettings(USER, PID),
                new ListSettingsChanges(USER, PID, 0, 1),
                new RollBackSettings(USER, PID, OptionalLong.empty()))) {
            assertRefused(command, ErrorCode.FORBIDDEN, "");
        }
    }
}
