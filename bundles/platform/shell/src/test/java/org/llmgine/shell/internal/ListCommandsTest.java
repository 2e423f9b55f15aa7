package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.ArgumentCommandLine;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;

class ListCommandsTest {
    private static final List<ModelEntry> MODELS = List.of(
            new ModelEntry("default", "llmgine", Optional.of("offline/demo"), Set.of("tools"), OptionalInt.empty()),
            new ModelEntry(
                    "offline/demo",
                    "offline",
                    Optional.empty(),
                    Set.of("tools", "structured_output"),
                    OptionalInt.of(8192)));

    private final Screen screen = new Screen();

    @Test
    void modelsAreATable() throws Exception {
        List<Principal> askers = new ArrayList<>();
        FakeHost host = new FakeHost().on(ListModels.class, command -> {
            askers.add(command.principal());
            return MODELS;
        });

        screen.show(new ModelsCommand(), host).execute();

        assertThat(askers).containsExactly(new Principal("ada", Set.of(Principal.OPERATOR)));
        assertThat(screen.text().lines()).anySatisfy(line -> assertThat(line).matches("Model +. From +. Stands for.*"));
        assertThat(screen.text().lines())
                .anySatisfy(line -> assertThat(line).matches("default +. llmgine . offline/demo . tools.*"))
                .anySatisfy(line ->
                        assertThat(line).matches("offline/demo . offline +. +. structured_output, tools +. +8192"));
    }

    @Test
    void aTableCanBePlainForPrograms() throws Exception {
        ModelsCommand command =
                screen.show(new ModelsCommand(), new FakeHost().on(ListModels.class, ignored -> MODELS));
        command.noFormat = true;

        command.execute();

        assertThat(screen.text().lines().map(String::strip)).first().asString().matches("default +\tllmgine\t.*");
    }

    @Test
    void anEmptyTableSaysSo() throws Exception {
        screen.show(new ModelsCommand(), new FakeHost().on(ListModels.class, command -> List.of()))
                .execute();

        assertThat(screen.text()).contains("No provider offers a model.");
    }

    @Test
    void instancesShowFiguresAndProblems() throws Exception {
        FakeHost host = new FakeHost().on(ListInstances.class, command -> {
            assertThat(command.kind()).isEqualTo("provider");
            return List.of(
                    instance("offline", "active", Optional.empty(), Map.of("calls", 7L, "errors", 1L, "p50Ms", 12.34)),
                    instance("openai~work", "failed", Optional.of("The address is no URL."), Map.of()));
        });

        screen.show(new ProvidersCommand(), host).execute();

        assertThat(screen.text().lines())
                .anySatisfy(
                        line -> assertThat(line).matches("offline +. active . 1\\.0\\.0 +. +2 . +7 . +1 . +12\\.3 .*"))
                .anySatisfy(line -> assertThat(line).startsWith("openai~work | failed"))
                .contains("openai~work: The address is no URL.");
    }

    @Test
    void toolsTellWhatTheyDo() throws Exception {
        FakeHost host = new FakeHost().on(ListInstances.class, command -> {
            assertThat(command.kind()).isEqualTo("tool");
            return List.of(new InstanceEntry(
                    "tool",
                    "calculate",
                    "calculator",
                    "1.0.0",
                    "org.llmgine.tool.calculator",
                    "active",
                    Optional.empty(),
                    0,
                    Map.of(),
                    Optional.of(new ToolSpec(
                            "calculate", "Work out an expression. Operators: + - *\nand more.", "{}", false))));
        });

        ToolsCommand command = screen.show(new ToolsCommand(), host);
        command.execute();
        command.terminal = Screen.terminal(60);
        command.execute();

        assertThat(screen.text()).contains("Description").contains("calculator | Work out an expression.\n");
        assertThat(screen.text()).containsPattern("calculate \\| active \\| .*\\| Work out an…\n");
    }

    @Test
    void tablesFitTheTerminal() throws Exception {
        FakeHost host = new FakeHost()
                .on(ListModels.class, command -> MODELS)
                .on(
                        ListInstances.class,
                        command -> List.of(instance(
                                "openai~a-long-name",
                                "active",
                                Optional.empty(),
                                Map.of("calls", 123_456L, "errors", 123L, "p50Ms", 1234.5))))
                .on(
                        ListKeys.class,
                        command -> List.of(new KeyEntry(
                                "key_0123456789ab",
                                "ada",
                                "the build of our largest project on the other machine",
                                Instant.EPOCH,
                                Optional.of(Instant.EPOCH))))
                .on(
                        ListSessions.class,
                        command -> List.of(new Session(
                                "sess_79ed65316d7e4b7fa3ec0b36b0f5f006",
                                "ada",
                                "Plans for the month of May",
                                "tool-chat",
                                "default",
                                "",
                                Optional.empty(),
                                SessionSettings.DEFAULT,
                                Optional.empty(),
                                Instant.EPOCH,
                                Instant.EPOCH,
                                Optional.of("turn_1"))));
        for (TableCommand command :
                List.of(new ModelsCommand(), new ProvidersCommand(), new KeysCommand(), new SessionsCommand())) {
            screen.show(command, host).terminal = Screen.terminal(80);
            command.execute();
        }

        assertThat(screen.text().lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("openai~a-long-name | active")
                        .contains("1234.5"))
                .anySatisfy(line -> assertThat(line).contains("the build of our"))
                .anySatisfy(line -> assertThat(line).startsWith("sess_").contains("| Plans for "));
    }

    @Test
    void whereNothingMoreCanBeCutLinesAreLonger() throws Exception {
        ModelsCommand command =
                screen.show(new ModelsCommand(), new FakeHost().on(ListModels.class, ignored -> MODELS));
        command.terminal = Screen.terminal(20);

        command.execute();

        assertThat(screen.text()).contains("offline/demo |").contains("8192");
    }

    @Test
    void enginesAreAskedForByTheirKind() throws Exception {
        FakeHost host = new FakeHost().on(ListInstances.class, command -> {
            assertThat(command.kind()).isEqualTo("engine");
            return List.of();
        });

        screen.show(new EnginesCommand(), host).execute();

        assertThat(screen.text()).contains("No engine is installed.");
    }

    @Test
    void aFailureIsASentenceAndAHint() {
        FakeHost host = new FakeHost().on(ListModels.class, command -> {
            throw new LlmgineException(ErrorCode.FORBIDDEN, "This needs the role viewer.")
                    .withHint("Ask an admin for it.");
        });
        ModelsCommand command = screen.show(new ModelsCommand(), host);

        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("This needs the role viewer.")
                .satisfies(e -> assertThat(e.getNiceHelp().lines())
                        .hasSize(2)
                        .first()
                        .asString()
                        .contains("This needs the role viewer."))
                .satisfies(e -> assertThat(e.getNiceHelp()).endsWith("Ask an admin for it."));
    }

    @Test
    @SuppressWarnings("NullAway") // no session is needed
    void namesOfModelsAreCompleted() {
        ModelCompleter completer = new ModelCompleter();
        completer.subject = Screen::ada;
        completer.commands = new FakeHost().on(ListModels.class, command -> MODELS);
        List<String> candidates = new ArrayList<>();

        completer.complete(null, new ArgumentCommandLine("off", 3), candidates);

        assertThat(candidates).containsExactly("offline/demo ");
    }

    @Test
    @SuppressWarnings("NullAway") // no session is needed
    void completionIsSilentWhenTheHostRefuses() {
        ModelCompleter completer = new ModelCompleter();
        completer.subject = () -> null;
        completer.commands = new FakeHost();
        List<String> candidates = new ArrayList<>();

        assertThat(completer.complete(null, new ArgumentCommandLine("", 0), candidates))
                .isEqualTo(-1);
        assertThat(candidates).isEmpty();
    }

    private static InstanceEntry instance(
            String name, String state, Optional<String> problem, Map<String, Number> figures) {
        return new InstanceEntry(
                "provider", name, "offline", "1.0.0", "org.llmgine.x", state, problem, 2, figures, Optional.empty());
    }
}
